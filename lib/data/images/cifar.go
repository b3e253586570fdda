package images

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"genlab/lib/data/files"
)

// CIFAR-10 (Krizhevsky, "Learning multiple layers of features from tiny images", 2009;
// https://www.cs.toronto.edu/~kriz/cifar.html): 60,000 pictures of 32×32 in ten classes. A file of its binary version is a list of
// records: a byte of label, then the red, the green and the blue plane, row by row.
const (
	cifarSide   = 32
	cifarPlane  = cifarSide * cifarSide
	cifarRecord = 1 + 3*cifarPlane

	maxCIFAR        = 10_000 * cifarRecord // a file
	maxCIFARArchive = 1 << 30              // all files, of which six are read
)

var cifarFiles = []remote{{
	"cifar-10-binary.tar.gz", "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530",
}}

// CIFAR10Classes are the classes' names, by label.
var CIFAR10Classes = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

var (
	cifarTrain = []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"}
	cifarTest  = []string{"test_batch.bin"}
)

// DownloadCIFAR10 fetches the data set's archive (162 MB) into dir, unless it is there.
func DownloadCIFAR10(ctx context.Context, dir string) error { return download(ctx, dir, cifarFiles) }

// CIFAR10 reads the data set from dir, which holds its archive or the unpacked files. Pictures become size×size.
func CIFAR10(dir string, size int) (train, test *Set, err error) {
	contents, err := readCIFAR(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("images: reading CIFAR-10: %w", err)
	}
	if train, err = cifarSet(contents, cifarTrain, size); err != nil {
		return nil, nil, err
	}
	if test, err = cifarSet(contents, cifarTest, size); err != nil {
		return nil, nil, err
	}
	train.from, test.from = dir, dir
	return train, test, nil
}

// readCIFAR gives the files' contents by name.
func readCIFAR(dir string) (map[string][]byte, error) {
	contents := map[string][]byte{}
	for _, folder := range []string{dir, filepath.Join(dir, "cifar-10-batches-bin")} {
		for _, name := range slices.Concat(cifarTrain, cifarTest) {
			data, err := files.Read(filepath.Join(folder, name), maxCIFAR)
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, err
			}
			contents[name] = data
		}
		if len(contents) > 0 {
			return contents, nil
		}
	}
	archive := filepath.Join(dir, cifarFiles[0].name)
	f, _, err := files.Open(archive)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("neither %s nor its files are in %s: call DownloadCIFAR10 first", cifarFiles[0].name, dir)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	unpacked := &io.LimitedReader{R: unzipped, N: maxCIFARArchive}
	for members := tar.NewReader(unpacked); ; {
		head, err := members.Next()
		if unpacked.N <= 0 {
			return nil, fmt.Errorf("%s: it unpacks to more than %d MB", archive, maxCIFARArchive>>20)
		}
		if errors.Is(err, io.EOF) {
			return contents, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", archive, err)
		}
		name := path.Base(head.Name)
		if !slices.Contains(cifarTrain, name) && !slices.Contains(cifarTest, name) {
			continue
		}
		if head.Size > maxCIFAR {
			return nil, fmt.Errorf("%s: %s has %d bytes: there must be at most %d", archive, name, head.Size, maxCIFAR)
		}
		if contents[name], err = io.ReadAll(members); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", archive, name, err)
		}
	}
}

func cifarSet(contents map[string][]byte, names []string, size int) (*Set, error) {
	var pixels, labels []byte
	for _, name := range names {
		data, ok := contents[name]
		if !ok {
			return nil, fmt.Errorf("images: CIFAR-10 lacks %s: there must be %v and %v", name, cifarTrain, cifarTest)
		}
		if len(data)%cifarRecord != 0 {
			return nil, fmt.Errorf("images: %s of CIFAR-10 has %d bytes, which is no whole number of records of %d: it was cut short", name, len(data), cifarRecord)
		}
		for record := range slices.Chunk(data, cifarRecord) {
			labels = append(labels, record[0])
			red, green, blue := record[1:1+cifarPlane], record[1+cifarPlane:1+2*cifarPlane], record[1+2*cifarPlane:]
			for i := range red {
				pixels = append(pixels, red[i], green[i], blue[i])
			}
		}
	}
	return FromBytes(pixels, cifarSide, cifarSide, 3, labels, CIFAR10Classes, size)
}
