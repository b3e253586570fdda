package images

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// FolderConfig says which pictures, and what to make of them.
type FolderConfig struct {
	// Dir holds the pictures: JPEG, PNG, GIF or WebP, at any depth. When all of them lie in folders of Dir, each of those folders is a
	// class, named after it (torchvision's ImageFolder).
	Dir  string
	Size int // pictures become Size×Size
	Fit  Fit
	Grey bool // one channel instead of three

	// SkipBroken leaves out the files that can't be read, and lists them in [Set.Broken]. Otherwise they are an error.
	SkipBroken bool
	// Trust doesn't read every file in advance, which takes a while: a broken one is then an error of the batch that it is in.
	Trust bool
}

var extensions = []string{".jpg", ".jpeg", ".png", ".gif", ".webp"}

// Folder finds the pictures of a folder, and reads each once to see that it can be read.
func Folder(ctx context.Context, cfg FolderConfig) (*Set, error) {
	if err := checkSize(cfg.Size); err != nil {
		return nil, err
	}
	if cfg.Fit != Crop && cfg.Fit != Stretch {
		return nil, fmt.Errorf("images: Fit is %d; want Crop or Stretch", cfg.Fit)
	}
	paths, err := findPictures(cfg.Dir)
	if err != nil {
		return nil, err
	}
	s := &Set{Size: cfg.Size, Channels: 3, kind: "folder", from: cfg.Dir, fit: cfg.Fit}
	if cfg.Grey {
		s.Channels = 1
	}
	open := func(path string, dst []byte) error {
		f, err := os.Open(filepath.Join(cfg.Dir, path))
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // only read
		return decode(f, dst, s.Size, s.Channels, cfg.Fit)
	}
	if !cfg.Trust {
		broken, err := check(ctx, paths, s.Size*s.Size*s.Channels, open)
		if err != nil {
			return nil, err
		}
		if len(broken) > 0 && !cfg.SkipBroken {
			return nil, refuse(cfg.Dir, len(paths), broken)
		}
		s.Broken = broken
		for _, b := range broken {
			i, _ := slices.BinarySearch(paths, b.Path)
			paths = slices.Delete(paths, i, i+1)
		}
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("images: no picture in %s; want files that end in %s", cfg.Dir, strings.Join(extensions, ", "))
	}
	s.n = len(paths)
	s.Classes, s.labels = classesOf(paths)
	s.digest = func() (string, error) { return digestFiles(cfg.Dir, paths, maxContent) }
	s.read = func(i int, dst []byte) error {
		if err := open(paths[i], dst); err != nil {
			return fmt.Errorf("images: %w", Broken{filepath.Join(cfg.Dir, paths[i]), err})
		}
		return nil
	}
	return s, nil
}

// findPictures lists the files below dir by their ending, as sorted paths from dir on.
func findPictures(dir string) ([]string, error) {
	var paths []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() || strings.HasPrefix(d.Name(), ".") || !slices.Contains(extensions, strings.ToLower(filepath.Ext(path))) {
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		paths = append(paths, rel)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("images: looking for pictures: %w", err)
	}
	slices.Sort(paths)
	return paths, nil
}

// check reads every picture and returns those that can't be read, in order.
func check(ctx context.Context, paths []string, bytes int, open func(string, []byte) error) ([]Broken, error) {
	var mu sync.Mutex
	var broken []Broken
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, path := range paths {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := open(path, make([]byte, bytes)); err != nil {
				mu.Lock()
				broken = append(broken, Broken{path, err})
				mu.Unlock()
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("images: checking the pictures: %w", err)
	}
	slices.SortFunc(broken, func(a, b Broken) int { return strings.Compare(a.Path, b.Path) })
	return broken, nil
}

// refuse names the first few broken files.
func refuse(dir string, all int, broken []Broken) error {
	const named = 5
	var list []error
	for _, b := range broken[:min(named, len(broken))] {
		list = append(list, b)
	}
	if more := len(broken) - named; more > 0 {
		list = append(list, fmt.Errorf("and %d more", more))
	}
	return fmt.Errorf("images: %d of %d files in %s can't be read; remove them, or set SkipBroken to go without them:\n%w",
		len(broken), all, dir, errors.Join(list...))
}

// classesOf makes each first folder a class. Pictures beside the folders mean that there are no classes.
func classesOf(paths []string) (classes []string, labels []int32) {
	labels = make([]int32, len(paths))
	for i, path := range paths {
		class, _, ok := strings.Cut(filepath.ToSlash(path), "/")
		if !ok {
			return nil, nil
		}
		if !slices.Contains(classes, class) {
			classes = append(classes, class)
		}
		labels[i] = int32(slices.Index(classes, class))
	}
	return classes, labels
}
