package stylegan

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
)

// The probability grows while D is surer of real pictures than the target, and shrinks to 0 while it isn't.
func TestSteer(t *testing.T) {
	b, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	run := nn.NewRunner("stylegan", b)
	for _, test := range []struct {
		logits []float32
		want   float32
	}{{[]float32{1, 2, 3, 1}, 0.04}, {[]float32{4, 1, 1, 1}, 0.08}, {[]float32{1, -2, 3, 1}, 0.04}, {[]float32{-1, -1, -1, -1}, 0}, {[]float32{-1, -1, -1, -1}, 0}} {
		out, err := run.Call(t.Context(), "steer", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			pipe := Whole.in(s)
			pipe.steer(in[0], 0.6, 100)
			return []*graph.Node{pipe.p.NodeValue(in[0].Graph())}
		}, test.logits)
		if err != nil {
			t.Fatal(err)
		}
		if got := tensors.ToScalar[float32](out[0]); got < test.want-1e-6 || got > test.want+1e-6 {
			t.Errorf("after logits %v the probability is %g, want %g", test.logits, got, test.want)
		}
	}
}
