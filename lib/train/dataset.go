package train

import (
	"context"

	"github.com/gomlx/gomlx/core/tensors"
)

// Dataset gives batches by their place, so that a resumed training sees what an uninterrupted one would have seen.
type Dataset interface {
	// Steps is the number of batches in an epoch.
	Steps() int
	// Batch returns the inputs of one step. They depend on the data set's seed, the epoch and the step alone.
	Batch(epoch, step int) ([]*tensors.Tensor, error)
}

type batch struct {
	inputs []*tensors.Tensor
	err    error
}

// prefetch makes batches ahead of the training, from the given step (counted over all epochs) on, until total or the context's end.
func prefetch(ctx context.Context, data Dataset, from, total int, p *profile) <-chan batch {
	const ahead = 4
	out := make(chan batch, ahead)
	go func() {
		defer close(out)
		for step := from; step < total; step++ {
			made := p.span(dataTrack, "make a batch")
			inputs, err := data.Batch(step/data.Steps(), step%data.Steps())
			made()
			select {
			case out <- batch{inputs, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return out
}
