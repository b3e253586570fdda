package command

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/fetch"
	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
	"genlab/lib/models/stylegan"
	"genlab/lib/torch"
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

// write writes pictures as a tensor images [n, size, size, channels], held within [0, 1].
func write(path string, c stylegan.Config, pixels [][]float32) error {
	flat := slices.Concat(pixels...)
	for i, v := range flat {
		flat[i] = min(max(v, 0), 1)
	}
	t, err := torch.FromGoMLX(tensors.FromFlatDataAndDimensions(flat, len(pixels), c.Size, c.Size, c.Channels))
	if err != nil {
		return err
	}
	state := &torch.StateDict{}
	state.Set("images", t)
	return torch.Write(path, state)
}
