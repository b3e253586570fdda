package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
)

// Mean measures a model on one epoch of data: the sum of what measure gives over the sum of its counts, so that a last batch that is
// smaller, or has less that counts, weighs less. measure gets the batch's place, of which it may draw noise, and doesn't keep the batch.
func Mean(ctx context.Context, data Dataset, measure func(ctx context.Context, step int, batch []*tensors.Tensor) (sum, count float64, err error)) (float64, error) {
	var sum, count float64
	for step := range data.Steps() {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		batch, err := data.Batch(0, step)
		if err != nil {
			return 0, fmt.Errorf("making batch %d: %w", step, err)
		}
		s, n, err := measure(ctx, step, batch)
		if err != nil {
			return 0, err
		}
		sum, count = sum+s, count+n
		for _, t := range batch {
			if err := t.FinalizeAll(); err != nil {
				return 0, fmt.Errorf("freeing batch %d: %w", step, err)
			}
		}
	}
	if count == 0 {
		return 0, errors.New("there is nothing to measure: the data set has no batch, or nothing in it counts")
	}
	return sum / count, nil
}
