package images

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"genlab/lib/data/files"
)

// FolderConfig says which pictures, and what to make of them.
type FolderConfig struct {
	// Dir holds the pictures: JPEG, PNG, GIF, WebP, BMP, TIFF or PPM, at any depth. Links are followed; hidden files and folders, whose
	// names begin with a dot, are passed over. When all pictures lie in folders of Dir, each of those folders is a class, named after
	// it, and must have one; classes and pictures come in the order of torchvision's ImageFolder. As there, a camera's note of how it
	// was held (EXIF's orientation) is not followed: turn such photos beforehand. Transparent parts become white.
	Dir  string
	Size int // pictures become Size×Size
	Fit  Fit
	Grey bool // one channel instead of three

	// SkipBroken leaves out the files that can't be read, and lists them in [Set.Broken]. Otherwise they are an error.
	SkipBroken bool
	// Trust doesn't read every file in advance, which takes a while: a broken one is then an error of the batch that it is in.
	Trust bool
}

var extensions = []string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"}

// Folder finds the pictures of a folder, and reads each once to see that it can be read.
func Folder(ctx context.Context, cfg FolderConfig) (*Set, error) {
	if err := checkSize(cfg.Size); err != nil {
		return nil, err
	}
	if cfg.Fit != Crop && cfg.Fit != Stretch {
		return nil, fmt.Errorf("images: Fit is %d: it must be Crop or Stretch", cfg.Fit)
	}
	all, err := files.Walk(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("images: looking for pictures: %w", err)
	}
	paths := pictures(all)
	s := &Set{Size: cfg.Size, Channels: 3, kind: "folder", from: cfg.Dir, fit: cfg.Fit}
	if cfg.Grey {
		s.Channels = 1
	}
	open := func(path string, dst []byte) error {
		f, _, err := files.Open(filepath.Join(cfg.Dir, path))
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
		left := map[string]bool{}
		for _, b := range broken {
			left[b.Path] = true
		}
		paths = slices.DeleteFunc(paths, func(path string) bool { return left[path] })
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("images: no picture in %s: there must be files that end in %s", cfg.Dir, strings.Join(extensions, ", "))
	}
	s.n = len(paths)
	if s.Classes, s.labels = classesOf(paths); s.Classes != nil {
		if err := checkClasses(cfg.Dir, s.Classes); err != nil {
			return nil, err
		}
	}
	s.digest = func() (string, error) { return digestFiles(cfg.Dir, paths, maxContent) }
	s.read = func(i int, dst []byte) error {
		if err := open(paths[i], dst); err != nil {
			return fmt.Errorf("images: %w", Broken{filepath.Join(cfg.Dir, paths[i]), err})
		}
		return nil
	}
	return s, nil
}

// pictures are the files with a picture's ending, in torchvision's order: class by class, in it folder by folder, in these by name.
func pictures(all []string) []string {
	var paths []string
	for _, path := range all {
		if IsPicture(path) {
			paths = append(paths, path)
		}
	}
	slices.SortFunc(paths, func(a, b string) int {
		return cmp.Or(strings.Compare(classOf(a), classOf(b)), strings.Compare(filepath.Dir(a), filepath.Dir(b)), strings.Compare(a, b))
	})
	return paths
}

// classOf is the first folder of a path; empty if it has none.
func classOf(path string) string {
	class, _, ok := strings.Cut(filepath.ToSlash(path), "/")
	if !ok {
		return ""
	}
	return class
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

// checkClasses refuses a folder that would be a class and has no picture: the numbers of the classes after it would be others than in
// torchvision, which refuses it as well.
func checkClasses(dir string, classes []string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("images: looking for classes: %w", err)
	}
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		if err != nil || !info.IsDir() || strings.HasPrefix(e.Name(), ".") || slices.Contains(classes, e.Name()) {
			continue
		}
		return fmt.Errorf("images: class %q in %s has no picture that can be read; put one there, a file that ends in %s, or take the folder away",
			e.Name(), dir, strings.Join(extensions, ", "))
	}
	return nil
}

// classesOf makes each first folder a class. Pictures beside the folders mean that there are no classes.
func classesOf(paths []string) (classes []string, labels []int32) {
	labels = make([]int32, len(paths))
	for i, path := range paths {
		class := classOf(path)
		if class == "" {
			return nil, nil
		}
		if !slices.Contains(classes, class) {
			classes = append(classes, class)
		}
		labels[i] = int32(slices.Index(classes, class))
	}
	return classes, labels
}
