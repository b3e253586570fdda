package nn

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/backend/backendtest"
)

// The known answers of Random123's kat_vectors for threefry2x32, 20 rounds.
func TestThreefry(t *testing.T) {
	cases := []struct{ key, counter, want []uint32 }{
		{[]uint32{0, 0}, []uint32{0, 0}, []uint32{0x6b200159, 0x99ba4efe}},
		{[]uint32{0xffffffff, 0xffffffff}, []uint32{0xffffffff, 0xffffffff}, []uint32{0x1cb996fc, 0xbb002be7}},
		{[]uint32{0x13198a2e, 0x03707344}, []uint32{0x243f6a88, 0x85a308d3}, []uint32{0xc4923a9c, 0x483df7a0}},
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range cases {
			got, err := graph.CallOnce(b, func(key, counter *graph.Node) *graph.Node {
				x0, x1 := threefry(key, graph.Slice(counter, graph.AxisElem(0)), graph.Slice(counter, graph.AxisElem(1)))
				return graph.Concatenate([]*graph.Node{x0, x1}, 0)
			}, c.key, c.counter)
			if err != nil {
				t.Fatal(err)
			}
			if v := tensors.MustCopyFlatData[uint32](got); v[0] != c.want[0] || v[1] != c.want[1] {
				t.Errorf("key %x counter %x: got %x, want %x", c.key, c.counter, v, c.want)
			}
		}
	})
}

func TestDistributions(t *testing.T) {
	const n = 100_001 // odd: the last pair of words is half used
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		out, err := graph.CallOnceN(b, func(key *graph.Node) []*graph.Node {
			return []*graph.Node{Uniform(key, n), Normal(Fold(key, graph.Scalar(key.Graph(), key.DType(), uint32(7))), n)}
		}, []uint32{1, 2})
		if err != nil {
			t.Fatal(err)
		}
		// Mean, variance and fourth moment, within five standard errors.
		check := func(name string, x []float32, mean, variance, fourth float64) {
			var m1, m2, m4 float64
			for _, v := range x {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					t.Fatalf("%s drew %v", name, v)
				}
				d := float64(v) - mean
				m1 += d / n
				m2 += d * d / n
				m4 += d * d * d * d / n
			}
			if math.Abs(m1) > 5*math.Sqrt(variance/n) || math.Abs(m2/variance-1) > 0.03 || math.Abs(m4/fourth-1) > 0.06 {
				t.Errorf("%s: mean off by %g, variance %g for %g, fourth moment %g for %g", name, m1, m2, variance, m4, fourth)
			}
		}
		check("uniform", tensors.MustCopyFlatData[float32](out[0]), 0.5, 1.0/12, 1.0/80)
		check("normal", tensors.MustCopyFlatData[float32](out[1]), 0, 1, 3)
	})
}
