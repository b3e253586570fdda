package images

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"genlab/lib/data/files"
	"genlab/lib/data/identity"
)

// CelebA (Liu et al., "Deep learning face attributes in the wild", 2015; https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html): 202,599
// faces of 178×218, aligned, with forty attributes each.

var celebaFiles = []remote{
	celebaFile("img_align_celeba.zip", "0B7EVK8r0v71pZjFTYXZWM3FlRnM", "00d2c5bc6d35e252742224ab0c1e8fcb"),
	celebaFile("list_attr_celeba.txt", "0B7EVK8r0v71pblRyaVFSWGxPY0U", "75e246fa4810816ffd6ee81facbd244c"),
	celebaFile("list_eval_partition.txt", "0B7EVK8r0v71pY0NSMzRuSXJEVkk", "d32c9cbf5e040fd4025c592c306e6668"),
}

// celebaFile is a file in the authors' folder at Google Drive.
func celebaFile(name, id, md5 string) remote {
	return remote{name, "https://drive.usercontent.google.com/download?export=download&confirm=t&id=" + id, md5}
}

// DownloadCelebA fetches the aligned faces (1.4 GB), their attributes and the authors' split into dir, those that aren't there.
func DownloadCelebA(ctx context.Context, dir string) error { return download(ctx, dir, celebaFiles) }

// CelebAConfig says which of the faces, and what to make of them.
type CelebAConfig struct {
	Dir  string // holds the files of DownloadCelebA; the archive stays packed
	Size int    // pictures become Size×Size
	Fit  Fit
	// Split is the authors' "train", "valid" or "test"; empty is all.
	Split string
	// Attribute, such as "Smiling", makes two classes: "not Smiling" and "Smiling". Empty: no classes.
	Attribute string
}

// CelebA opens the data set. The archive stays open until closer is closed.
func CelebA(cfg CelebAConfig) (set *Set, closer io.Closer, err error) {
	if err := checkSize(cfg.Size); err != nil {
		return nil, nil, err
	}
	splits := []string{"train", "valid", "test"}
	if cfg.Split != "" && !slices.Contains(splits, cfg.Split) {
		return nil, nil, fmt.Errorf("images: Split is %q: it must be one of %v, or none for all", cfg.Split, splits)
	}
	file, size, err := files.Open(filepath.Join(cfg.Dir, celebaFiles[0].name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("images: %s isn't in %s: call DownloadCelebA first", celebaFiles[0].name, cfg.Dir)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("images: opening CelebA: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close())
			set, closer = nil, nil
		}
	}()
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, nil, fmt.Errorf("images: opening CelebA: %w", err)
	}
	var chosen []*zip.File
	for _, f := range archive.File {
		if path.Ext(f.Name) == ".jpg" {
			chosen = append(chosen, f)
		}
	}
	slices.SortFunc(chosen, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	if cfg.Split != "" {
		if chosen, err = cfg.ofSplit(chosen, slices.Index(splits, cfg.Split)); err != nil {
			return nil, nil, err
		}
	}
	if len(chosen) == 0 {
		return nil, nil, fmt.Errorf("images: %s in %s holds no face of split %q", celebaFiles[0].name, cfg.Dir, cfg.Split)
	}
	s := &Set{Size: cfg.Size, Channels: 3, n: len(chosen), kind: "faces", from: cfg.Dir, fit: cfg.Fit}
	s.digest = func() (string, error) {
		d := identity.NewDigest().Int32s(s.labels)
		for _, f := range chosen {
			d.Text(f.Name).Text(f.CRC32, f.UncompressedSize64) // the archive's own checksums: no face is read
		}
		return d.String(), nil
	}
	s.read = func(i int, dst []byte) error {
		if err := readZipped(chosen[i], dst, cfg.Size, cfg.Fit); err != nil {
			return fmt.Errorf("images: CelebA: %w", Broken{chosen[i].Name, err})
		}
		return nil
	}
	if cfg.Attribute != "" {
		if s.labels, err = cfg.attribute(chosen); err != nil {
			return nil, nil, err
		}
		s.Classes = []string{"not " + cfg.Attribute, cfg.Attribute}
	}
	return s, file, nil
}

// maxFace is the most that a file of a face may unpack to; CelebA's take about 10 kB.
const maxFace = 16 << 20

func readZipped(f *zip.File, dst []byte, size int, fit Fit) error {
	if f.UncompressedSize64 > maxFace {
		return fmt.Errorf("it unpacks to %d bytes: it must be at most %d", f.UncompressedSize64, maxFace)
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	data, err := io.ReadAll(r) // which ends with an error where more comes than is stated
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	return decode(bytes.NewReader(data), dst, size, 3, fit)
}

// ofSplit keeps the faces that list_eval_partition.txt gives the number: lines such as "000001.jpg 0".
func (cfg CelebAConfig) ofSplit(faces []*zip.File, split int) ([]*zip.File, error) {
	numbers := map[string]string{}
	err := cfg.lines("list_eval_partition.txt", func(_ int, fields []string) error {
		if len(fields) != 2 {
			return fmt.Errorf("want a file's name and its split, have %q", fields)
		}
		numbers[fields[0]] = fields[1]
		return nil
	})
	if err != nil {
		return nil, err
	}
	var kept []*zip.File
	for _, f := range faces {
		number, ok := numbers[path.Base(f.Name)]
		if !ok {
			return nil, fmt.Errorf("images: list_eval_partition.txt of CelebA lacks %s", f.Name)
		}
		if number == strconv.Itoa(split) {
			kept = append(kept, f)
		}
	}
	return kept, nil
}

// attribute reads list_attr_celeba.txt: the number of faces, the attributes' names, then a line a face with 1 or -1 for each.
func (cfg CelebAConfig) attribute(faces []*zip.File) ([]int32, error) {
	values := map[string]int32{}
	column := -1
	err := cfg.lines("list_attr_celeba.txt", func(line int, fields []string) error {
		switch {
		case line == 1:
			return nil
		case line == 2:
			if column = slices.Index(fields, cfg.Attribute); column < 0 {
				return fmt.Errorf("attribute is %q: it must be one of %v", cfg.Attribute, fields)
			}
			return nil
		case len(fields) <= column+1:
			return fmt.Errorf("want a file's name and its attributes, have %q", fields)
		}
		if fields[column+1] == "1" {
			values[fields[0]] = 1
		} else {
			values[fields[0]] = 0
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	labels := make([]int32, len(faces))
	for i, f := range faces {
		value, ok := values[path.Base(f.Name)]
		if !ok {
			return nil, fmt.Errorf("images: list_attr_celeba.txt of CelebA lacks %s", f.Name)
		}
		labels[i] = value
	}
	return labels, nil
}

// lines calls each with the number, from 1 on, and the fields of every line of a file.
func (cfg CelebAConfig) lines(name string, each func(line int, fields []string) error) error {
	f, _, err := files.Open(filepath.Join(cfg.Dir, name))
	if err != nil {
		return fmt.Errorf("images: opening a list of CelebA: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	scan := bufio.NewScanner(f)
	for line := 1; scan.Scan(); line++ {
		if err := each(line, strings.Fields(scan.Text())); err != nil {
			return fmt.Errorf("images: line %d of %s: %w", line, name, err)
		}
	}
	return scan.Err()
}
