// Package medmnist reads the files of MedMNIST (Yang et al., "MedMNIST v2: a large-scale lightweight benchmark for 2D and 3D biomedical
// image classification", 2023): medical pictures with a class each, such as chest X-rays with and without pneumonia, in an .npz of NumPy's.
// The files are to be had from https://medmnist.com; any file of the same form is read.
package medmnist

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"genlab/lib/data/files"
	"genlab/lib/data/images"
)

// maxClasses is more than any of MedMNIST's sets has; a label is a byte there.
const maxClasses = 256

// What one array may hold: a small file mustn't unpack to gigabytes.
const (
	maxImages = 1 << 30
	maxLabels = 32 << 20
)

// Data is a whole file.
type Data struct {
	Train      *Split
	Validation *Split // nil where the file has none
	Test       *Split
	Size       int // height and width of a picture
	Channels   int // 1 for grey, 3 for RGB
	Classes    int // the largest label and one
	SHA256     string
}

// Split is a run of pictures with their labels.
type Split struct {
	Images []byte // [Len, Size, Size, Channels]
	Labels []byte // [Len]

	size, channels, classes int
}

// Len is the number of pictures.
func (s *Split) Len() int { return len(s.Labels) }

// Counts are how many pictures each class has.
func (s *Split) Counts() []int {
	counts := make([]int, s.classes)
	for _, l := range s.Labels {
		counts[l]++
	}
	return counts
}

// Set gives the pictures to a training, as large as asked for. The classes are called by their numbers, for the file names none.
func (s *Split) Set(size int) (*images.Set, error) {
	names := make([]string, s.classes)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	return images.FromBytes(s.Images, s.size, s.size, s.channels, s.Labels, names, size)
}

// Read reads an .npz: train_images, test_images and, where there are some, val_images, uint8 [n, size, size] or [n, size, size, 3], and
// train_labels and so on, integers [n] or [n, 1].
func Read(path string) (*Data, error) {
	f, size, err := files.Open(path)
	if err != nil {
		return nil, fmt.Errorf("medmnist: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	d, err := read(f, size)
	if err != nil {
		return nil, fmt.Errorf("medmnist: reading %s: %w", path, err)
	}
	d.SHA256, err = sum(f)
	return d, err
}

// sum is of a whole file.
func sum(f *os.File) (string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("medmnist: %w", err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("medmnist: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func read(r io.ReaderAt, size int64) (*Data, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: it must be an .npz, a zip archive of .npy files, and whole", err)
	}
	inside := map[string]*zip.File{}
	for _, f := range z.File {
		inside[f.Name] = f
	}
	d := &Data{}
	for _, part := range []struct {
		name string
		into **Split
	}{{"train", &d.Train}, {"val", &d.Validation}, {"test", &d.Test}} {
		if part.name == "val" && inside["val_images.npy"] == nil && inside["val_labels.npy"] == nil {
			continue
		}
		if *part.into, err = readSplit(inside, part.name); err != nil {
			return nil, err
		}
	}
	all := []*Split{d.Train, d.Test}
	if d.Validation != nil {
		all = append(all, d.Validation)
	}
	d.Size, d.Channels = d.Train.size, d.Train.channels
	for _, s := range all {
		if s.size != d.Size || s.channels != d.Channels {
			return nil, fmt.Errorf("its pictures are of %d×%d×%d and of %d×%d×%d: there must be one size", d.Size, d.Size, d.Channels, s.size, s.size, s.channels)
		}
		for _, l := range s.Labels {
			d.Classes = max(d.Classes, int(l)+1)
		}
	}
	if d.Classes < 2 {
		return nil, fmt.Errorf("all of its labels are 0: there must be at least 2 classes")
	}
	for _, s := range all {
		s.classes = d.Classes
	}
	return d, nil
}

// readSplit reads a split's pictures and labels.
func readSplit(inside map[string]*zip.File, name string) (*Split, error) {
	pictures, err := readArray(inside, name+"_images.npy", maxImages)
	if err != nil {
		return nil, err
	}
	labels, err := readArray(inside, name+"_labels.npy", maxLabels)
	if err != nil {
		return nil, err
	}
	shape := pictures.shape
	grey, colour := len(shape) == 3, len(shape) == 4 && shape[3] == 3
	if pictures.kind != "|u1" || !grey && !colour || shape[1] != shape[2] {
		return nil, fmt.Errorf("%s_images is %s %v: it must be uint8 (|u1), [n, size, size] or [n, size, size, 3]", name, pictures.kind, shape)
	}
	s := &Split{Images: pictures.data, size: shape[1], channels: 1}
	if colour {
		s.channels = 3
	}
	if of := labels.shape; len(of) == 0 || of[0] != shape[0] || len(of) > 2 || len(of) == 2 && of[1] != 1 {
		return nil, fmt.Errorf("%s_labels is %v for %d pictures: it must be [%d, 1] or [%d], one class each", name, of, shape[0], shape[0], shape[0])
	}
	for i, l := range labels.integers() {
		if l < 0 || l >= maxClasses {
			return nil, fmt.Errorf("label %d of %s_labels is %d: it must be 0 to %d", i, name, l, maxClasses-1)
		}
		s.Labels = append(s.Labels, byte(l))
	}
	return s, nil
}

func readArray(inside map[string]*zip.File, name string, most int64) (array, error) {
	f := inside[name]
	if f == nil {
		return array{}, fmt.Errorf("it has no %s: it must have train_images, train_labels, test_images and test_labels", name)
	}
	r, err := f.Open()
	if err != nil {
		return array{}, fmt.Errorf("%s: %w", name, err)
	}
	defer func() { _ = r.Close() }() // only read
	a, err := readNPY(r, most)
	if err != nil {
		return array{}, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}
