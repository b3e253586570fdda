package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
	"genlab/lib/models/dcgan"
	"genlab/lib/torch"
	"genlab/lib/viz"
)

// Pictures says which pictures to train on.
type Pictures struct {
	Data       string `json:"data" help:"mnist, cifar10, celeba, or a folder of pictures; its sub-folders are classes"`
	Dir        string `json:"dir" help:"where the data set's files lie (default data/NAME; MNIST comes with genlab)"`
	Download   bool   `json:"download" help:"fetch CIFAR-10 or CelebA from its authors first, where it isn't there"`
	SkipBroken bool   `json:"skip_broken" help:"leave out files of a folder that can't be read, and name them"`
}

// open gives the set, and what closes it.
func (p Pictures) open(ctx context.Context, size int) (*images.Set, func() error, error) {
	nothing := func() error { return nil }
	dir := p.Dir
	if dir == "" {
		dir = filepath.Join("data", p.Data)
	}
	switch p.Data {
	case "mnist":
		digits, err := mnist.Load(mnist.Config{Dir: p.Dir})
		if err != nil {
			return nil, nil, err
		}
		set, err := images.MNIST(digits.Train, size)
		return set, nothing, err
	case "cifar10":
		if p.Download {
			if err := images.DownloadCIFAR10(ctx, dir); err != nil {
				return nil, nil, err
			}
		}
		set, _, err := images.CIFAR10(dir, size)
		return set, nothing, err
	case "celeba":
		if p.Download {
			if err := images.DownloadCelebA(ctx, dir); err != nil {
				return nil, nil, err
			}
		}
		set, closer, err := images.CelebA(images.CelebAConfig{Dir: dir, Size: size, Split: "train"})
		if err != nil {
			return nil, nil, err
		}
		return set, closer.Close, nil
	default:
		set, err := images.Folder(ctx, images.FolderConfig{Dir: p.Data, Size: size, SkipBroken: p.SkipBroken})
		if err == nil {
			for _, b := range set.Broken {
				fmt.Fprintf(os.Stderr, "left out: %v\n", b)
			}
		}
		return set, nothing, err
	}
}

// save draws n pictures from the same noise every time.
func save(ctx context.Context, m *dcgan.Model, path string, n, columns int) error {
	pixels, err := m.Sample(ctx, n, 1)
	if err != nil {
		return err
	}
	return viz.Save(path, viz.Grid(picturesOf(m.Config, pixels), columns))
}

func picturesOf(c dcgan.Config, pixels [][]float32) viz.Images {
	return viz.Images{Pixels: pixels, Height: c.ImageSize, Width: c.ImageSize, Channels: c.NC}
}

// write writes n pictures as a tensor images [n, size, size, nc] with values in [0, 1].
func write(ctx context.Context, m *dcgan.Model, path string, n int, seed uint64) error {
	pixels, err := m.Sample(ctx, n, seed)
	if err != nil {
		return err
	}
	c := m.Config
	t, err := torch.FromGoMLX(tensors.FromFlatDataAndDimensions(slices.Concat(pixels...), n, c.ImageSize, c.ImageSize, c.NC))
	if err != nil {
		return err
	}
	state := &torch.StateDict{}
	state.Set("images", t)
	return torch.Write(path, state)
}

// read gives grey square pictures of such a file, and their size.
func read(path string) ([][]float32, int, error) {
	state, err := torch.Read(path)
	if err != nil {
		return nil, 0, err
	}
	t, ok := state.Get("images")
	if !ok {
		return nil, 0, fmt.Errorf("%s holds %v: it must hold a tensor images [n, size, size, 1]", path, state.Names())
	}
	if len(t.Shape) != 4 || t.Shape[1] != t.Shape[2] || t.Shape[3] != 1 {
		return nil, 0, fmt.Errorf("%s: images is %v: it must be [n, size, size, 1]", path, t.Shape)
	}
	flat, err := t.Float32s()
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", path, err)
	}
	d := t.Shape[1] * t.Shape[2]
	pictures := make([][]float32, t.Shape[0])
	for i := range pictures {
		pictures[i] = flat[i*d : (i+1)*d]
	}
	return pictures, t.Shape[1], nil
}
