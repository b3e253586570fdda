package train

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

func TestMean(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	counts := []float64{4, 1, 0}
	mean, err := Mean(ctx, points{steps: 3}, func(_ context.Context, step int, batch []*tensors.Tensor) (float64, float64, error) {
		if len(batch) != 2 {
			t.Errorf("batch of %d tensors", len(batch))
		}
		return counts[step] * float64(10*step+1), counts[step], nil
	})
	if err != nil || math.Abs(mean-3) > 1e-12 { // (4*1 + 1*11) / 5
		t.Errorf("mean %g, %v; want 3", mean, err)
	}
	one := func(context.Context, int, []*tensors.Tensor) (float64, float64, error) { return 1, 1, nil }
	if _, err := Mean(ctx, points{}, one); err == nil || !strings.Contains(err.Error(), "nothing to measure") {
		t.Errorf("no batch: %v", err)
	}
	cancel()
	if _, err := Mean(ctx, points{steps: 1}, one); !errors.Is(err, context.Canceled) {
		t.Errorf("after the context's end: %v", err)
	}
}
