package nn

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/backend/backendtest"
)

// Gradients longer than the limit are cut to it, shorter ones stay as they are. (Whole training steps are compared with PyTorch's in
// tests/parity.)
func TestClipGlobalNorm(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for limit, want := range map[float64]float32{1: 0.6, 5.5: 3, 100: 3} {
			out, err := graph.CallOnceN(b, func(x, y *graph.Node) []*graph.Node {
				clipped, norm := ClipGlobalNorm([]*graph.Node{x, y}, limit)
				return append(clipped, norm)
			}, []float32{3}, []float32{0, 4})
			if err != nil {
				t.Fatal(err)
			}
			if got := out[0].Value().([]float32)[0]; math.Abs(float64(got-want)) > 1e-5 || out[2].Value().(float32) != 5 {
				t.Errorf("limit %g: 3 becomes %g, want %g; the norm is %v, want 5", limit, got, want, out[2].Value())
			}
		}
	})
}

// The values are nanoGPT's get_lr(it), for learning_rate 1, min_lr 0.1, warmup_iters 4, lr_decay_iters 12, at it = step-1.
func TestWarmupCosine(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		out, err := graph.CallOnce(b, func(step *graph.Node) *graph.Node { return WarmupCosine(1, 0.1, 4, 12)(step) }, []float32{1, 4, 5, 9, 13, 50})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []float32{0.2, 0.8, 1, 0.55, 0.1, 0.1} {
			if got := out.Value().([]float32)[i]; math.Abs(float64(got-want)) > 1e-6 {
				t.Errorf("value %d is %g, want %g", i, got, want)
			}
		}
	})
}

// TestWarmupLinear holds the rate against transformers' get_linear_schedule_with_warmup where it falls: (total-step)/(total-warmup) of
// steps counted from 0.
func TestWarmupLinear(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		out, err := graph.CallOnce(b, func(step *graph.Node) *graph.Node { return WarmupLinear(2, 4, 12)(step) }, []float32{1, 4, 5, 9, 12, 13, 50})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []float32{0.4, 1.6, 2, 1, 0.25, 0, 0} {
			if got := out.Value().([]float32)[i]; math.Abs(float64(got-want)) > 1e-6 {
				t.Errorf("value %d is %g, want %g", i, got, want)
			}
		}
	})
}
