package nn

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// NAdam is PyTorch's torch.optim.NAdam (Dozat, "Incorporating Nesterov momentum into Adam", 2016).
type NAdam struct {
	Rate          Schedule
	Beta1, Beta2  float64
	Eps           float64
	MomentumDecay float64
	WeightDecay   float64 // adds so much of a parameter to its gradient
	Decoupled     bool    // WeightDecay shrinks the parameter instead, by rate times it
	Maximize      bool    // goes up the gradient
}

// NewNAdam has PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8, a momentum decay of 4e-3.
func NewNAdam(rate float64) NAdam {
	return NAdam{Rate: Constant(rate), Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, MomentumDecay: 4e-3}
}

// Update moves params by one step along their gradients. The moments live in the store under s, so a checkpoint holds them.
func (o NAdam) Update(s *model.Scope, params []*Param, gradients []*graph.Node) {
	if len(params) == 0 {
		return
	}
	g := gradients[0].Graph()
	state := s.At("nadam")
	step := nextStep(state, g)
	rate := o.Rate(step)

	// momentum at a step: β₁·(1 - 0.96^(step·decay)/2).
	momentum := func(step *graph.Node) *graph.Node {
		return graph.MulScalar(graph.OneMinus(graph.MulScalar(graph.Exp(graph.MulScalar(step, o.MomentumDecay*math.Log(0.96))), 0.5)), o.Beta1)
	}
	now, next := momentum(step), momentum(graph.OnePlus(step))
	so := state.VariableWithValue("mu_product", float32(1)).SetTrainable(false)
	product := graph.Mul(so.NodeValue(g), now)
	so.SetNodeValue(product)
	byGradient := graph.Div(graph.Mul(rate, graph.OneMinus(now)), graph.OneMinus(product))
	byMoment := graph.Div(graph.Mul(rate, next), graph.OneMinus(graph.Mul(product, next)))
	correction := oneMinusPow(o.Beta2, step)

	decay := o.WeightDecay
	if o.Decoupled {
		decay = 0
	}
	for i, p := range params {
		grad := direction(s, p, gradients[i], decay, o.Maximize)
		m, v := moment(state, "exp_avg", p), moment(state, "exp_avg_sq", p)
		first := graph.Add(graph.MulScalar(m.NodeValue(g), o.Beta1), graph.MulScalar(grad, 1-o.Beta1))
		second := graph.Add(graph.MulScalar(v.NodeValue(g), o.Beta2), graph.MulScalar(graph.Square(grad), 1-o.Beta2))
		m.SetNodeValue(first)
		v.SetNodeValue(second)
		value := p.Node(s, g)
		if o.Decoupled {
			value = graph.Mul(value, graph.OneMinus(graph.MulScalar(rate, o.WeightDecay)))
		}
		move := graph.Add(graph.Mul(byGradient, grad), graph.Mul(byMoment, first))
		p.Set(s, graph.Sub(value, graph.Div(move, graph.AddScalar(graph.Sqrt(graph.Div(second, correction)), o.Eps))))
	}
}
