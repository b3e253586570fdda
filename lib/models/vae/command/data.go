package command

import (
	"context"
	"fmt"
	"os"

	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
	"genlab/lib/train"
)

// data is what the autoencoder learns.
type data struct {
	learn, validation       train.Dataset // validation is nil where there is none
	height, width, channels int
}

// open reads the digits, or the pictures of a folder that has none of their files.
func (t *training) open(ctx context.Context) (*data, error) {
	if t.Data == "" || mnist.In(t.Data) {
		return t.digits()
	}
	set, err := images.Folder(ctx, images.FolderConfig{Dir: t.Data, Size: t.Size})
	if err != nil {
		return nil, fmt.Errorf("%s has neither MNIST's files nor pictures: %w", t.Data, err)
	}
	for _, b := range set.Broken {
		fmt.Fprintf(os.Stderr, "left out: %v\n", b)
	}
	batches, err := set.Batches(images.BatchConfig{Size: t.Batch, Seed: t.Seed, Shuffle: true, DropLast: true})
	return &data{learn: batches, height: t.Size, width: t.Size, channels: set.Channels}, err
}

// digits are MNIST's, or those of files like its own.
func (t *training) digits() (*data, error) {
	digits, err := mnist.Load(mnist.Config{Dir: t.Data})
	if err != nil {
		return nil, err
	}
	d := &data{height: digits.Train.Rows, width: digits.Train.Cols, channels: 1}
	if d.learn, err = digits.Train.Batches(mnist.BatchConfig{Size: t.Batch, Seed: t.Seed, Shuffle: true, DropLast: true}); err != nil {
		return nil, err
	}
	d.validation, err = digits.Test.Batches(mnist.BatchConfig{Size: 500})
	return d, err
}
