package nn_test

import (
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
	"genlab/lib/nn"
)

// GoMLX by itself refuses the 33rd shape.
func TestRunnerTakesManyShapes(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		r := nn.NewRunner("test", b)
		for n := 1; n <= 40; n++ {
			out, err := r.Call(t.Context(), "sum", func(_ *model.Scope, in []*graph.Node) []*graph.Node {
				return []*graph.Node{graph.ReduceAllSum(graph.OnesLike(in[0]))}
			}, make([]float32, n))
			if err != nil {
				t.Fatal(err)
			}
			if got := tensors.ToScalar[float32](out[0]); got != float32(n) {
				t.Errorf("the sum of %d ones is %v", n, got)
			}
		}
	})
}

// TestRunnerFromSeveralGoroutines holds the promise: the first calls of a graph, in shapes of their own, come from all sides.
func TestRunnerFromSeveralGoroutines(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		r := nn.NewRunner("test", b)
		var all sync.WaitGroup
		for n := range 24 {
			all.Go(func() {
				x := make([]float32, 1+n%3)
				x[0] = float32(n)
				out, err := r.Call(t.Context(), "double", func(_ *model.Scope, in []*graph.Node) []*graph.Node {
					return []*graph.Node{graph.ReduceAllSum(graph.MulScalar(in[0], 2))}
				}, x)
				if err != nil {
					t.Error(err)
				} else if got := tensors.ToScalar[float32](out[0]); got != float32(2*n) {
					t.Errorf("twice %d is %v", n, got)
				}
			})
		}
		all.Wait()
	})
}
