package augment

import (
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
)

// drawn are batches of pictures, each drawn by itself, so that a small set serves a training of any length. It has the methods of
// train.Dataset.
type drawn struct {
	pictures Pictures
	of       [][]int // each class's places
	batch    int
	steps    int // an epoch
	balanced bool
	classic  *Classic // nil leaves pictures as they are
	seed     uint64
}

// draws makes batches of pictures: balanced draws a class first, then one of its pictures.
func draws(p Pictures, batch, steps int, balanced bool, classic *Classic, seed uint64) (*drawn, error) {
	d := &drawn{pictures: p, batch: batch, steps: steps, balanced: balanced, classic: classic, seed: seed}
	for class := range p.Classes {
		of := p.Of(class)
		if len(of) == 0 {
			return nil, fmt.Errorf("augment: class %d has no pictures: each must have at least 1", class)
		}
		d.of = append(d.of, of)
	}
	return d, nil
}

// Steps is the number of batches an epoch.
func (d *drawn) Steps() int { return d.steps }

// Identity says what the data is, for the run that trains on it.
func (d *drawn) Identity() (map[string]any, error) {
	return map[string]any{
		"kind": "drawn pictures", "pictures": len(d.pictures.Pixels), "digest": d.pictures.digest(), "batch": d.batch, "steps": d.steps,
		"balanced": d.balanced, "seed": d.seed,
	}, nil
}

// Batch gives pictures float32 [batch, size, size, channels] in [0, 1] and labels int32 [batch]. It depends on nothing but the seed, epoch
// and step.
func (d *drawn) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	p := d.pictures
	r := rand.New(rand.NewPCG(d.seed, uint64(epoch)<<32|uint64(step)))
	var flat []float32
	labels := make([]int32, d.batch)
	for i := range labels {
		place := r.IntN(len(p.Pixels))
		if d.balanced {
			of := d.of[r.IntN(len(d.of))]
			place = of[r.IntN(len(of))]
		}
		picture := p.Pixels[place]
		if d.classic != nil {
			picture = d.classic.Change(picture, p.Size, p.Channels, r)
		}
		flat, labels[i] = append(flat, picture...), int32(p.Labels[place])
	}
	return []*tensors.Tensor{tensors.FromFlatDataAndDimensions(flat, d.batch, p.Size, p.Size, p.Channels), tensors.FromValue(labels)}, nil
}
