package mnist

import (
	"fmt"

	"golang.org/x/sync/errgroup"
)

// Data is the whole data set.
type Data struct {
	Train      *Split
	Validation *Split // empty when Config.Validation is 0
	Test       *Split
}

// Split is a run of images with their labels.
type Split struct {
	Images     []byte // [Len, Rows, Cols], row by row; 0 is background, 255 full ink
	Labels     []byte // [Len]
	Rows, Cols int

	from string // the folder that it was read from
}

// Load reads the four files: 60,000 training and 10,000 test images of 28x28 for MNIST itself.
func Load(cfg Config) (*Data, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	dir := cfg.Dir
	if dir == "" {
		var err error
		if dir, err = moduleDir(); err != nil {
			return nil, err
		}
	}
	var train, test *Split
	var group errgroup.Group
	group.Go(func() (err error) { train, err = readSplit(dir, Files[0], Files[1]); return err })
	group.Go(func() (err error) { test, err = readSplit(dir, Files[2], Files[3]); return err })
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if train.Rows != test.Rows || train.Cols != test.Cols {
		return nil, fmt.Errorf("mnist: %s: training images are %dx%d, test images %dx%d: there must be one size",
			dir, train.Rows, train.Cols, test.Rows, test.Cols)
	}
	cut := train.Len() - cfg.Validation
	if cut <= 0 {
		return nil, fmt.Errorf("mnist: Validation is %d of %d training images: at least one must be left to train on",
			cfg.Validation, train.Len())
	}
	return &Data{Train: train.slice(0, cut), Validation: train.slice(cut, train.Len()), Test: test}, nil
}

func readSplit(dir, images, labels string) (*Split, error) {
	imagePath, err := findFile(dir, images)
	if err != nil {
		return nil, err
	}
	labelPath, err := findFile(dir, labels)
	if err != nil {
		return nil, err
	}
	_, label, err := readIDXFile(labelPath, 1)
	if err != nil {
		return nil, err
	}
	dims, pixels, err := readIDXFile(imagePath, 3)
	if err != nil {
		return nil, err
	}
	if dims[0] != len(label) {
		return nil, fmt.Errorf("mnist: %d images in %s, but %d labels in %s", dims[0], imagePath, len(label), labelPath)
	}
	return &Split{Images: pixels, Labels: label, Rows: dims[1], Cols: dims[2], from: dir}, nil
}

// Len is the number of images.
func (s *Split) Len() int { return len(s.Labels) }

// Slice gives the images from one place up to, not including, another. It shares their memory.
func (s *Split) Slice(from, to int) (*Split, error) {
	if from < 0 || from > to || to > s.Len() {
		return nil, fmt.Errorf("mnist: slice from %d to %d of %d images: it must be 0 <= from <= to <= %d", from, to, s.Len(), s.Len())
	}
	return s.slice(from, to), nil
}

func (s *Split) slice(from, to int) *Split {
	d := s.Rows * s.Cols
	return &Split{Images: s.Images[from*d : to*d : to*d], Labels: s.Labels[from:to:to], Rows: s.Rows, Cols: s.Cols, from: s.from}
}

// Floats gives the images' pixels in [0, 1], one slice of Rows*Cols an image: what pictures are drawn from.
func (s *Split) Floats() [][]float32 {
	d := s.Rows * s.Cols
	flat := make([]float32, len(s.Images))
	normalise(flat, s.Images)
	images := make([][]float32, s.Len())
	for i := range images {
		images[i] = flat[i*d : (i+1)*d : (i+1)*d]
	}
	return images
}

// unit maps a byte to [0, 1] as torchvision's ToTensor does. A table, because dividing each pixel takes
// longer than the training step leaves.
var unit = func() (t [256]float32) {
	for i := range t {
		t[i] = float32(i) / 255
	}
	return t
}()

func normalise(dst []float32, src []byte) {
	dst = dst[:len(src)]
	for i, b := range src {
		dst[i] = unit[b]
	}
}
