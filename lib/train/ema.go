package train

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// EMA keeps a running mean of a model's weights, whose samples are steadier than those of the weights themselves (Yazıcı et al., "The
// unusual effectiveness of averaging in GAN training", 2018). The mean is a second set of parameters in a scope of its own: the same
// model, given that scope, computes with it.
type EMA struct {
	// Decay is how much of the mean a step keeps, such as 0.999. The first steps keep less, (1+n)/(10+n) at the n-th, so that the
	// first weights are soon forgotten.
	Decay float64
}

// Validate reports a decay that makes no mean.
func (e EMA) Validate() error {
	if e.Decay < 0 || e.Decay >= 1 {
		return fmt.Errorf("train: EMA decay is %g: it must be at least 0 and less than 1", e.Decay)
	}
	return nil
}

// Update moves the mean in scope mean toward the weights of root in scope s, as they stand after the optimiser's update. Buffers are
// copied. Make the mean's parameters with nn.Create and the weights' own seed, so that both begin as one.
func (e EMA) Update(mean, s *model.Scope, root any, g *graph.Graph) {
	counter := mean.VariableWithValue("updates", float32(0)).SetTrainable(false)
	n := graph.OnePlus(counter.NodeValue(g))
	counter.SetNodeValue(n)
	decay := graph.MinScalar(graph.Div(graph.OnePlus(n), graph.AddScalar(n, 10)), e.Decay)

	seen := map[*nn.Param]bool{}
	for _, p := range nn.Params(root) {
		if seen[p] {
			continue
		}
		seen[p] = true
		value := p.Node(s, g)
		if !p.Buffer {
			old := p.Node(mean, g)
			value = graph.Add(value, graph.Mul(decay, graph.Sub(old, value)))
		}
		p.Set(mean, value)
	}
}
