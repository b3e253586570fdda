package cyclegan

import (
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
)

// TestRecalled follows a pool of two through four pictures of one pixel, and two more.
func TestRecalled(t *testing.T) {
	b, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	run := nn.NewRunner(id, b)
	for i, c := range []struct{ made, swap, place, given []float32 }{
		{[]float32{1, 2}, []float32{0.9, 0.9}, []float32{0, 0}, []float32{1, 2}},     // kept while there is room
		{[]float32{3, 4}, []float32{0.9, 0.5}, []float32{0.6, 0.6}, []float32{2, 4}}, // 3 takes the place of 2; 4 is given as it is
		{[]float32{5, 6}, []float32{0.6, 0.6}, []float32{0.7, 0.7}, []float32{3, 5}}, // 5 takes that of 3, and 6 that of 5
	} {
		made := tensors.FromFlatDataAndDimensions(c.made, 2, 1, 1, 1)
		out, err := run.Call(t.Context(), "recall", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			return []*graph.Node{recalled(s.At("pool"), in[0], 2, in[1], in[2])}
		}, made, c.swap, c.place)
		if err != nil {
			t.Fatal(err)
		}
		if got := tensors.MustCopyFlatData[float32](out[0]); !slices.Equal(got, c.given) {
			t.Errorf("call %d gives %v, not %v", i, got, c.given)
		}
	}
}
