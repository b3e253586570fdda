package transformer

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/backend/backendtest"
)

// TestLossBesideMinusInf masks a token out by its logit, as PyTorch's cross-entropy allows.
func TestLossBesideMinusInf(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		out, err := graph.CallOnce(b, func(logits, labels *graph.Node) *graph.Node {
			return Loss(logits, labels, 0)
		}, [][][]float32{{{0, float32(math.Inf(-1)), 0}, {5, 5, 5}}}, [][]int32{{2, Pad}})
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(out.Value().(float32)); math.Abs(got-math.Ln2) > 1e-6 {
			t.Errorf("the loss is %g, want %g", got, math.Ln2)
		}
	})
}

// TestAccuracy leaves padding out, where the likeliest token is right as well as where it is wrong.
func TestAccuracy(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		out, err := graph.CallOnce(b, accuracy, [][][]float32{{{0, 1, 5}, {0, 5, 1}, {5, 1, 0}, {0, 0, 5}, {0, 4, 0}}}, [][]int32{{2, 2, Pad, Pad, 1}})
		if err != nil {
			t.Fatal(err)
		}
		if got := out.Value().(float32); math.Abs(float64(got)-2.0/3) > 1e-6 {
			t.Errorf("the accuracy is %g, want 2/3", got)
		}
	})
}
