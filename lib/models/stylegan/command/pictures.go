package command

import (
	"context"
	"fmt"

	"genlab/lib/data/fetch"
	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
	"genlab/lib/models/stylegan"
	"genlab/lib/viz"
)

// open reads pictures: mnist, sprites, or a folder, whose sub-folders are classes.
func open(ctx context.Context, data string, size int) (*images.Set, error) {
	switch data {
	case "mnist":
		digits, err := mnist.Load(mnist.Config{})
		if err != nil {
			return nil, err
		}
		return images.MNIST(digits.Train, size)
	case "sprites":
		folder, err := fetch.Folder("sprites")
		if err != nil {
			return nil, err
		}
		return images.Sprites(folder, size)
	}
	set, err := images.Folder(ctx, images.FolderConfig{Dir: data, Size: size})
	if err != nil {
		return nil, fmt.Errorf("--data %s: %w", data, err)
	}
	return set, nil
}

func picturesOf(c stylegan.Config, pixels [][]float32) viz.Images {
	return viz.Images{Pixels: pixels, Height: c.Size, Width: c.Size, Channels: c.Channels}
}
