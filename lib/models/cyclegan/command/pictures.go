package command

import (
	"cmp"
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
	"genlab/lib/models/cyclegan"
	"genlab/lib/viz"
)

// Pictures says which two kinds of pictures to translate between.
type Pictures struct {
	A string `json:"a" help:"folder of pictures of one kind (default MNIST's digits)"`
	B string `json:"b" help:"folder of pictures of the other kind (default other digits of MNIST, as outlines on paper)"`
	// Digits is how many digits of either kind are learned from; 0 is all.
	Digits int `json:"digits" help:"how many digits of either kind to learn from; 0 is all"`
}

// sets opens both kinds: to learn from, or to try on.
func (p Pictures) sets(ctx context.Context, size int, try bool) (a, b *images.Set, err error) {
	if (p.A == "") != (p.B == "") {
		return nil, nil, fmt.Errorf("--a is %q and --b is %q: both must be given, or none for digits", p.A, p.B)
	}
	if p.A != "" {
		if a, err = images.Folder(ctx, images.FolderConfig{Dir: p.A, Size: size}); err != nil {
			return nil, nil, err
		}
		b, err = images.Folder(ctx, images.FolderConfig{Dir: p.B, Size: size})
		return a, b, err
	}
	digits, err := mnist.Load(mnist.Config{})
	if err != nil {
		return nil, nil, err
	}
	ofA, ofB := digits.Test, digits.Test
	if !try { // no digit is seen in both manners
		half := digits.Train.Len() / 2
		if p.Digits < 0 || p.Digits > half {
			return nil, nil, fmt.Errorf("--digits is %d: it must be 1 to %d, or 0 for all", p.Digits, half)
		}
		half = cmp.Or(p.Digits, half)
		if ofA, err = digits.Train.Slice(0, half); err != nil {
			return nil, nil, err
		}
		if ofB, err = digits.Train.Slice(half, 2*half); err != nil {
			return nil, nil, err
		}
	}
	if a, err = images.MNIST(ofA, size); err != nil {
		return nil, nil, err
	}
	b, err = images.MNIST(ofB.Outlined(), size)
	return a, b, err
}

// unpaired gives batches of both kinds, an epoch being one of the smaller.
type unpaired struct{ a, b *images.Batches }

// Steps is the number of batches an epoch.
func (d *unpaired) Steps() int { return min(d.a.Steps(), d.b.Steps()) }

// Batch gives pictures of kind A, and of kind B.
func (d *unpaired) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	a, err := d.a.Batch(epoch, step)
	if err != nil {
		return nil, err
	}
	b, err := d.b.Batch(epoch, step)
	return append(a, b...), err
}

// Identity says what the data is, for the run that trains on it.
func (d *unpaired) Identity() (map[string]any, error) {
	is, err := d.a.Identity()
	if err != nil {
		return nil, err
	}
	other, err := d.b.Identity()
	is["b"] = other["digest"]
	return is, err
}

// rows draws pictures, what they become, and what these become again, below each other.
func rows(ctx context.Context, m *cyclegan.Model, pictures [][]float32, there bool) (viz.Images, error) {
	made, err := m.Translate(ctx, pictures, there)
	if err != nil {
		return viz.Images{}, err
	}
	back, err := m.Translate(ctx, made, !there)
	if err != nil {
		return viz.Images{}, err
	}
	c := m.Config
	return viz.Images{Pixels: append(append(append([][]float32{}, pictures...), made...), back...), Height: c.Size, Width: c.Size, Channels: c.Channels}, nil
}

// save draws the first n pictures of both kinds with their translations: six rows.
func save(ctx context.Context, m *cyclegan.Model, path string, a, b *images.Set, n int) error {
	n = min(n, a.Len(), b.Len())
	var all viz.Images
	for _, kind := range []struct {
		set   *images.Set
		there bool
	}{{a, true}, {b, false}} {
		pictures, err := kind.set.Floats(0, n)
		if err != nil {
			return err
		}
		some, err := rows(ctx, m, pictures, kind.there)
		if err != nil {
			return err
		}
		some.Pixels = append(all.Pixels, some.Pixels...)
		all = some
	}
	return viz.Save(path, viz.Grid(all, n))
}
