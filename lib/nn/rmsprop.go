package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// RMSprop is PyTorch's torch.optim.RMSprop: the gradient over the root of its running mean square (Tieleman & Hinton, lecture 6.5 of
// "Neural networks for machine learning", 2012; Graves, "Generating sequences with recurrent neural networks", 2013, for Centered).
type RMSprop struct {
	Rate        Schedule
	Alpha       float64 // what the mean square keeps of itself
	Eps         float64
	Momentum    float64
	Centered    bool    // takes the running mean's square off the mean square
	WeightDecay float64 // adds so much of a parameter to its gradient
	Maximize    bool    // goes up the gradient
}

// NewRMSprop has PyTorch's defaults: alpha 0.99, eps 1e-8.
func NewRMSprop(rate float64) RMSprop { return RMSprop{Rate: Constant(rate), Alpha: 0.99, Eps: 1e-8} }

// Update moves params by one step along their gradients. The means live in the store under s, so a checkpoint holds them.
func (o RMSprop) Update(s *model.Scope, params []*Param, gradients []*graph.Node) {
	if len(params) == 0 {
		return
	}
	g := gradients[0].Graph()
	state := s.At("rmsprop")
	rate := o.Rate(nextStep(state, g))
	// running moves a mean towards a value and gives it.
	running := func(kind string, p *Param, value *graph.Node) *graph.Node {
		v := moment(state, kind, p)
		mean := graph.Add(graph.MulScalar(v.NodeValue(g), o.Alpha), graph.MulScalar(value, 1-o.Alpha))
		v.SetNodeValue(mean)
		return mean
	}
	for i, p := range params {
		grad := direction(s, p, gradients[i], o.WeightDecay, o.Maximize)
		square := running("square_avg", p, graph.Square(grad))
		if o.Centered {
			square = graph.Sub(square, graph.Square(running("grad_avg", p, grad)))
		}
		move := graph.Div(grad, graph.AddScalar(graph.Sqrt(square), o.Eps))
		if o.Momentum > 0 {
			v := moment(state, "momentum_buffer", p)
			move = graph.Add(graph.MulScalar(v.NodeValue(g), o.Momentum), move)
			v.SetNodeValue(move)
		}
		p.Set(s, graph.Sub(p.Node(s, g), graph.Mul(rate, move)))
	}
}
