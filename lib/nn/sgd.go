package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// SGD is PyTorch's torch.optim.SGD: the gradients' running sum, which keeps Momentum of itself a step, times the rate (Sutskever et al.,
// "On the importance of initialization and momentum in deep learning", 2013, with the rate outside the sum).
type SGD struct {
	Rate        Schedule
	Momentum    float64
	Dampening   float64 // leaves out so much of each gradient but the first
	Nesterov    bool    // looks one step ahead; for a Momentum without Dampening
	WeightDecay float64 // adds so much of a parameter to its gradient
	Maximize    bool    // goes up the gradient
}

// Update moves params by one step along their gradients. The sums live in the store under s, so a checkpoint holds them.
func (o SGD) Update(s *model.Scope, params []*Param, gradients []*graph.Node) {
	if len(params) == 0 {
		return
	}
	if o.Nesterov && (o.Momentum <= 0 || o.Dampening != 0) {
		panic(errorf("SGD with Nesterov takes a Momentum above 0 and no Dampening, was given %g and %g", o.Momentum, o.Dampening))
	}
	g := gradients[0].Graph()
	state := s.At("sgd")
	step := nextStep(state, g)
	rate := o.Rate(step)
	first := graph.Equal(step, graph.OnesLike(step))
	for i, p := range params {
		move := direction(s, p, gradients[i], o.WeightDecay, o.Maximize)
		if o.Momentum != 0 {
			v := moment(state, "momentum_buffer", p)
			part := graph.MulScalar(move, 1-o.Dampening)
			if o.Dampening != 0 {
				part = graph.Where(first, move, part)
			}
			sum := graph.Add(graph.MulScalar(v.NodeValue(g), o.Momentum), part)
			v.SetNodeValue(sum)
			if o.Nesterov {
				move = graph.Add(move, graph.MulScalar(sum, o.Momentum))
			} else {
				move = sum
			}
		}
		p.Set(s, graph.Sub(p.Node(s, g), graph.Mul(rate, move)))
	}
}
