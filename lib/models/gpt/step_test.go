package gpt

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
	"genlab/lib/nn"
)

// A batch computed in parts has the gradient of the whole, labels that count for nothing included.
func TestAccumulate(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		m := on(t, b, small())
		batch, err := repeats{1}.Batch(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := tensors.MutableFlatData(batch[1], func(y []int32) { y[3], y[40], y[41] = -1, -1, -1 }); err != nil {
			t.Fatal(err)
		}
		run := func(parts int) []*tensors.Tensor {
			out, err := m.run.Call(t.Context(), map[int]string{0: "whole", 4: "parts"}[parts], func(s *model.Scope, in []*graph.Node) []*graph.Node {
				nn.SeedGraph(s, graph.Const(in[0].Graph(), []uint32{0, 0}))
				stepped := Step(m.net, TrainConfig{Total: 1, Beta2: 0.99, Accumulate: parts})(s, in)
				out := stepped.Metrics
				for _, g := range stepped.Gradients {
					out = append(out, g.Value)
				}
				return out
			}, batch[0], batch[1])
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		whole, parts := run(0), run(4)
		for i := range whole {
			if !parts[i].InDelta(whole[i], 1e-4) {
				t.Errorf("result %d differs", i)
			}
		}
	})
}
