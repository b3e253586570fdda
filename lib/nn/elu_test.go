package nn

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/backend/backendtest"
)

// TestNearZero has exponential units keep their digits near 0, where exp(x) - 1 loses them. The values are PyTorch 2.9.1's, of float32.
func TestNearZero(t *testing.T) {
	x := []float32{-1e-8, -1e-6, -1e-3, -1, -30}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range []struct {
			layer Layer
			want  []float64
		}{
			{ELU{}, []float64{-9.99999993922529e-09, -9.999995427278918e-07, -0.0009995001601055264, -0.6321205496788025, -1}},
			{CELU{Alpha: 0.5}, []float64{-9.99999993922529e-09, -9.999989742937032e-07, -0.000999000738374889, -0.4323323667049408, -0.5}},
			{SELU{}, []float64{-1.7580992661692108e-08, -1.7580985058884835e-06, -0.0017572205979377031, -1.1113307476043701, -1.7580993175506592}},
		} {
			out, err := graph.CallOnce(b, func(x *graph.Node) *graph.Node { return c.layer.Forward(nil, x) }, x)
			if err != nil {
				t.Fatal(err)
			}
			for i, got := range tensors.MustCopyFlatData[float32](out) {
				if !(math.Abs(float64(got)-c.want[i]) <= 1e-6*math.Abs(c.want[i])) {
					t.Errorf("%v of %g is %.9g, PyTorch gives %.9g", c.layer, x[i], got, c.want[i])
				}
			}
		}
	})
}
