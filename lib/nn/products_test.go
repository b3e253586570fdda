package nn

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/mat"

	"genlab/lib/backend"
)

// A training whose products are so large that XLA computes them by another library (lib/backend/products.go) has the right numbers, the
// same each time. One step of gradient descent on |x·w|²/2 is w - rate·xᵀ(x·w).
func TestLargeProducts(t *testing.T) {
	b, err := backend.New("xla:cpu")
	if err != nil {
		t.Skip(err)
	}
	const n, rate = 256, 1e-2
	x, w := make([]float32, n*n), make([]float32, n*n)
	xWide, wWide := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
	for i := range x {
		x[i], w[i] = float32(math.Sin(float64(i))), float32(math.Cos(float64(3*i)))
		xWide.Set(i/n, i%n, float64(x[i]))
		wWide.Set(i/n, i%n, float64(w[i]))
	}
	var y, want mat.Dense
	y.Mul(xWide, wWide)
	want.Mul(xWide.T(), &y)
	want.Apply(func(i, j int, v float64) float64 { return wWide.At(i, j) - rate*v }, &want)

	step := func() []float32 {
		r := NewRunner("test", b)
		if _, err := r.Store.CreateVariable("/w", tensors.FromFlatDataAndDimensions(slices.Clone(w), n, n)); err != nil {
			t.Fatal(err)
		}
		_, err := r.Call(t.Context(), "step", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			v := s.Store().GetVariable("/w")
			w := v.NodeValue(in[0])
			loss := graph.MulScalar(graph.ReduceAllSum(graph.Square(graph.Dot(in[0], w).Product())), 0.5)
			v.SetNodeValue(graph.Sub(w, graph.MulScalar(graph.Gradient(loss, w)[0], rate)))
			return []*graph.Node{loss}
		}, tensors.FromFlatDataAndDimensions(x, n, n))
		if err != nil {
			t.Fatal(err)
		}
		return tensors.MustCopyFlatData[float32](r.Store.GetVariable("/w").MustValue())
	}
	got := step()
	for i, v := range got {
		if want := want.At(i/n, i%n); math.Abs(float64(v)-want) > 1e-3 {
			t.Fatalf("w[%d] is %v, want %v", i, v, want)
		}
	}
	if !slices.Equal(got, step()) {
		t.Error("a second time the numbers are others")
	}
}
