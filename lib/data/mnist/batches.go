package mnist

import (
	"fmt"
	"sync"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/data/identity"
	orders "genlab/lib/data/order"
)

// BatchConfig says how a split is cut into batches.
type BatchConfig struct {
	Size     int    // images a batch
	Seed     uint64 // fixes the order, together with the epoch
	Shuffle  bool   // a fresh order each epoch; else the order of the file
	DropLast bool   // leave out a last batch that isn't full: one compiled graph then serves all
	Labels   bool   // give the labels too
}

// Batches cuts a split into batches. It is safe for concurrent use, and has the methods of train.Dataset.
type Batches struct {
	split *Split
	cfg   BatchConfig

	mu     sync.Mutex
	orders [2]*order // of the last even and the last odd epoch: readers may straddle two
}

type order struct {
	epoch int
	perm  []int32
}

// Batches cuts the split into batches as cfg says.
func (s *Split) Batches(cfg BatchConfig) (*Batches, error) {
	if cfg.Size < 1 {
		return nil, fmt.Errorf("mnist: batch Size is %d: it must be at least 1", cfg.Size)
	}
	if s.Len() == 0 {
		return nil, fmt.Errorf("mnist: the split has no images to batch")
	}
	if cfg.DropLast && cfg.Size > s.Len() {
		return nil, fmt.Errorf("mnist: batch Size is %d with DropLast, but the split has %d images: it must be at most that", cfg.Size, s.Len())
	}
	return &Batches{split: s, cfg: cfg}, nil
}

// Steps is the number of batches an epoch.
func (b *Batches) Steps() int {
	if b.cfg.DropLast {
		return b.split.Len() / b.cfg.Size
	}
	return (b.split.Len() + b.cfg.Size - 1) / b.cfg.Size
}

// Identity says what the data is, for the run that trains on it.
func (b *Batches) Identity() (map[string]any, error) {
	return map[string]any{
		"kind": "digits", "from": b.split.from, "images": b.split.Len(),
		"digest": identity.NewDigest().Bytes(b.split.Images).Bytes(b.split.Labels).String(),
		"batch":  b.cfg.Size, "seed": b.cfg.Seed, "shuffle": b.cfg.Shuffle, "drop_last": b.cfg.DropLast, "labels": b.cfg.Labels,
	}, nil
}

// Batch gives one batch: images float32 [B, Rows*Cols] in [0, 1] and, if asked for, labels int32 [B].
// B is Size, or less in the last batch. It depends on nothing but the seed, epoch and step.
func (b *Batches) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if epoch < 0 || step < 0 || step >= b.Steps() {
		return nil, fmt.Errorf("mnist: batch at epoch %d, step %d: the epoch must be at least 0, the step 0 to below %d", epoch, step, b.Steps())
	}
	s := b.split
	from := step * b.cfg.Size
	to := min(from+b.cfg.Size, s.Len())
	n, d := to-from, s.Rows*s.Cols

	var perm []int32
	if b.cfg.Shuffle {
		perm = b.perm(epoch)[from:to]
	}
	place := func(i int) int {
		if perm == nil {
			return from + i
		}
		return int(perm[i])
	}

	images := tensors.FromShape(shapes.Make(dtypes.Float32, n, d))
	err := tensors.MutableFlatData(images, func(flat []float32) {
		for i := range n {
			p := place(i)
			normalise(flat[i*d:(i+1)*d], s.Images[p*d:(p+1)*d])
		}
	})
	if err != nil {
		return nil, fmt.Errorf("mnist: filling the batch's images: %w", err)
	}
	if !b.cfg.Labels {
		return []*tensors.Tensor{images}, nil
	}
	labels := tensors.FromShape(shapes.Make(dtypes.Int32, n))
	err = tensors.MutableFlatData(labels, func(flat []int32) {
		for i := range n {
			flat[i] = int32(s.Labels[place(i)])
		}
	})
	if err != nil {
		return nil, fmt.Errorf("mnist: filling the batch's labels: %w", err)
	}
	return []*tensors.Tensor{images, labels}, nil
}

// perm gives the order of an epoch, made once.
func (b *Batches) perm(epoch int) []int32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	slot := &b.orders[epoch&1]
	if *slot == nil || (*slot).epoch != epoch {
		*slot = &order{epoch: epoch, perm: orders.Permutation(b.split.Len(), b.cfg.Seed, uint64(epoch))}
	}
	return (*slot).perm
}
