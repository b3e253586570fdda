package vae

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// TestMetrics wants the loss and its two parts of a step, each in nats an example.
func TestMetrics(t *testing.T) {
	m, err := New(Tiny(), 1)
	if err != nil {
		t.Fatal(err)
	}
	x := make([][]float32, 3)
	for i := range x {
		x[i] = make([]float32, Tiny().InputDim)
	}
	step := Step(m.net, TrainConfig{Model: Tiny(), Rate: 1e-3})
	out, err := m.run.Call(t.Context(), "step", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		nn.SeedGraph(s, in[0])
		return step(s, in[1:]).Metrics
	}, []uint32{1, 2}, x)
	if err != nil {
		t.Fatal(err)
	}
	value := func(i int) float64 { return float64(tensors.ToScalar[float32](out[i])) }
	loss, bce, kl := value(0), value(1), value(2)
	if math.Abs(bce+kl-loss) > 1e-3 || math.Abs(bce-784*math.Ln2) > 20 || kl < 0 || kl > 1 { // untrained: a coin a pixel, and near the prior
		t.Errorf("loss %g, bce %g, kl %g", loss, bce, kl)
	}
}
