package nn

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
)

// TestGumbel wants noise to be finite at the ends of what Uniform gives: one value of 16 million that isn't makes a whole training NaN.
func TestGumbel(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		out, err := NewRunner("test", b).Call(t.Context(), "draw", func(_ *model.Scope, in []*graph.Node) []*graph.Node {
			return []*graph.Node{gumbel(in[0])}
		}, []float32{0, 0x1p-24, 0.5, 1 - 0x1p-24})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []float64{-2.852, -2.812, 0.3665, 16.636} {
			if got := float64(tensors.MustCopyFlatData[float32](out[0])[i]); !(math.Abs(got-want) < 1e-2) {
				t.Errorf("value %d is %g: it must be %g", i, got, want)
			}
		}
	})
}
