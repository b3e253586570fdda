package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// SGD is PyTorch's torch.optim.SGD, without dampening: the gradients' running sum, which keeps Momentum of itself a step, times the rate
// (Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013, with the rate outside the sum).
type SGD struct {
	Rate     Schedule
	Momentum float64
}

// Update moves params by one step along their gradients. The sums live in the store under s, so a checkpoint holds them.
func (o SGD) Update(s *model.Scope, params []*Param, gradients []*graph.Node) {
	if len(params) == 0 {
		return
	}
	g := gradients[0].Graph()
	state := s.At("sgd")
	step := nextStep(state, g)
	rate := o.Rate(step)
	for i, p := range params {
		sum := gradients[i]
		if o.Momentum != 0 {
			v := moment(state, "momentum_buffer", p)
			sum = graph.Add(graph.MulScalar(v.NodeValue(g), o.Momentum), sum)
			v.SetNodeValue(sum)
		}
		p.Set(s, graph.Sub(p.Node(s, g), graph.Mul(rate, sum)))
	}
}
