package images

import (
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/identity"
)

// CropConfig says which pieces of photographs are learned from.
type CropConfig struct {
	Size  int    // a piece becomes Size×Size
	Batch int    // pieces a batch
	Steps int    // batches an epoch
	Seed  uint64 // with the epoch and the step it decides the pieces
}

// Crops are square pieces of photographs, of any size from Size up, anywhere in them, half of them in the mirror: a few photographs give
// any number. It is safe for concurrent use, and has the methods of train.Dataset.
type Crops struct {
	photos []Photo
	bytes  [][]byte
	cfg    CropConfig
}

// NewCrops refuses photographs smaller than a piece.
func NewCrops(photos []Photo, cfg CropConfig) (*Crops, error) {
	for _, f := range []struct {
		name  string
		value int
	}{{"Size", cfg.Size}, {"Batch", cfg.Batch}, {"Steps", cfg.Steps}} {
		if f.value < 1 {
			return nil, fmt.Errorf("images: %s of crops is %d: it must be at least 1", f.name, f.value)
		}
	}
	if len(photos) == 0 {
		return nil, fmt.Errorf("images: there is no photograph to crop")
	}
	c := &Crops{photos: photos, cfg: cfg}
	for i, p := range photos {
		if min(p.Height, p.Width) < cfg.Size {
			return nil, fmt.Errorf("images: photograph %d is %dx%d: it must be at least %d either way to be cropped", i+1, p.Width, p.Height, cfg.Size)
		}
		raw := make([]byte, len(p.Pixels))
		for k, v := range p.Pixels {
			raw[k] = byte(v*255 + 0.5)
		}
		c.bytes = append(c.bytes, raw)
	}
	return c, nil
}

// Steps is the number of batches an epoch.
func (c *Crops) Steps() int { return c.cfg.Steps }

// Batch gives pieces float32 [Batch, Size, Size, 3] in [0, 1].
func (c *Crops) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	rng := rand.New(rand.NewPCG(c.cfg.Seed, uint64(epoch)<<32|uint64(step)))
	d := 3 * c.cfg.Size * c.cfg.Size
	made, raw := make([]float32, c.cfg.Batch*d), make([]byte, d)
	for i := range c.cfg.Batch {
		at := rng.IntN(len(c.photos))
		p := c.photos[at]
		side := c.cfg.Size + rng.IntN(min(p.Height, p.Width)-c.cfg.Size+1)
		top, left := rng.IntN(p.Height-side+1), rng.IntN(p.Width-side+1)
		piece := make([]byte, 0, 3*side*side)
		for y := top; y < top+side; y++ {
			piece = append(piece, c.bytes[at][3*(y*p.Width+left):3*(y*p.Width+left+side)]...)
		}
		Resize(raw, c.cfg.Size, c.cfg.Size, piece, side, side, 3)
		toUnit(made[i*d:(i+1)*d], raw)
		if rng.IntN(2) == 1 {
			mirror(made[i*d:(i+1)*d], c.cfg.Size, 3)
		}
	}
	return []*tensors.Tensor{tensors.FromFlatDataAndDimensions(made, c.cfg.Batch, c.cfg.Size, c.cfg.Size, 3)}, nil
}

// Identity says what the data is, for the run that trains on it.
func (c *Crops) Identity() (map[string]any, error) {
	digest := identity.NewDigest()
	for i, p := range c.photos {
		digest.Text(p.Height, p.Width).Bytes(c.bytes[i])
	}
	return map[string]any{
		"kind": "crops", "photographs": len(c.photos), "digest": digest.String(),
		"size": c.cfg.Size, "batch": c.cfg.Batch, "steps": c.cfg.Steps, "seed": c.cfg.Seed,
	}, nil
}
