package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
	"genlab/lib/nn"
)

// What PyTorch gives where a product of 0 and ∞ would give NaN.
func TestNoNaN(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		out, err := nn.NewRunner("test", b).Call(t.Context(), "all", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			logits, labels := in[0], in[1]
			s.Store().SetTraining(logits.Graph(), true)
			nn.SeedGraph(s, in[2])
			loss := nn.CrossEntropy(logits, labels)
			kept := graph.OnesLike(logits)
			return []*graph.Node{loss, graph.Gradient(graph.ReduceAllSum(loss), logits)[0], (&nn.Dropout{P: 1}).Forward(s, kept)}
		}, [][]float32{{0, float32(math.Inf(-1))}, {1, 1}}, []int32{0, 1}, []uint32{1, 2})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"[0 0.6931]", "[0 0 0.5000 -0.5000]", "[0 0 0 0]"} {
			var got []any
			for _, v := range tensors.MustCopyFlatData[float32](out[i]) {
				text := fmt.Sprintf("%.4f", v)
				if v == 0 {
					text = "0"
				}
				got = append(got, text)
			}
			if fmt.Sprint(got) != want {
				t.Errorf("result %d is %v, PyTorch gives %s", i, got, want)
			}
		}
	})
}
