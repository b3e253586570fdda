package command

import (
	"context"
	"fmt"
	"path/filepath"

	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
	"genlab/lib/nn/pixels"
	"genlab/lib/train"
	"genlab/lib/viz"
)

// Pictures says which pictures to train on.
type Pictures struct {
	Batch      int    `json:"batch" help:"pictures a step"`
	Data       string `json:"data" help:"grey: a folder of IDX files (default the MNIST that comes with genlab); colour: a folder of pictures, or of CIFAR-10's files"`
	Validation string `json:"validation" flag:"validation" help:"colour: a folder of pictures to measure by after each epoch"`
}

// Sets are pictures to train on and to measure by, and their size.
type Sets struct {
	Training, Validation train.Dataset // the latter may be nil
	Height, Width        int
}

// Open finds the pictures for a model of so many colours, which is told classes or not. Colour pictures become size×size.
func (p Pictures) Open(ctx context.Context, l pixels.Likelihood, classes, size int, seed uint64) (Sets, error) {
	if l.Channels == 1 {
		return p.digits(classes, seed)
	}
	if p.Data == "" {
		return Sets{}, fmt.Errorf("--data is empty: it must be a folder of pictures for a model of %d colours", l.Channels)
	}
	training, validation, err := p.colour(ctx, size)
	if err != nil {
		return Sets{}, err
	}
	s := Sets{Height: size, Width: size}
	if s.Training, err = training.Batches(images.BatchConfig{Size: p.Batch, Seed: seed, Shuffle: true, DropLast: true, Labels: classes > 0}); err != nil {
		return s, err
	}
	if validation != nil {
		s.Validation, err = validation.Batches(images.BatchConfig{Size: measured, Labels: classes > 0})
	}
	return s, err
}

// measured is how many pictures are measured at once.
const measured = 100

func (p Pictures) digits(classes int, seed uint64) (Sets, error) {
	digits, err := mnist.Load(mnist.Config{Dir: p.Data})
	if err != nil {
		return Sets{}, err
	}
	s := Sets{Height: digits.Train.Rows, Width: digits.Train.Cols}
	if s.Training, err = digits.Train.Batches(mnist.BatchConfig{Size: p.Batch, Seed: seed, Shuffle: true, DropLast: true, Labels: classes > 0}); err != nil {
		return s, err
	}
	s.Validation, err = digits.Test.Batches(mnist.BatchConfig{Size: measured, Labels: classes > 0})
	return s, err
}

// colour gives CIFAR-10 where the folder holds it, else the pictures of folders; validation is nil without a folder for it.
func (p Pictures) colour(ctx context.Context, size int) (training, validation *images.Set, err error) {
	if found, _ := filepath.Glob(filepath.Join(p.Data, "*.bin")); len(found) > 0 {
		return images.CIFAR10(p.Data, size)
	}
	if training, err = images.Folder(ctx, images.FolderConfig{Dir: p.Data, Size: size}); err != nil {
		return nil, nil, err
	}
	if p.Validation != "" {
		validation, err = images.Folder(ctx, images.FolderConfig{Dir: p.Validation, Size: size})
	}
	return training, validation, err
}

// Epoch writes samples into a run's folder after an epoch.
func Epoch(ctx context.Context, p *pixels.Painter, seed uint64, epoch int, folder string) error {
	drawn, err := p.Sample(ctx, pixels.SampleConfig{Number: 64, Seed: seed, Class: everyClass(p)})
	if err != nil {
		return err
	}
	return viz.Save(filepath.Join(folder, fmt.Sprintf("epoch-%03d.png", epoch)), viz.Grid(imagesOf(p, drawn), 8))
}

// everyClass asks for all classes in turn, if there are some.
func everyClass(p *pixels.Painter) int {
	if p.Classes > 0 {
		return -1
	}
	return 0
}

func imagesOf(p *pixels.Painter, drawn [][]float32) viz.Images {
	return viz.Images{Pixels: drawn, Height: p.Height, Width: p.Width, Channels: p.Channels}
}
