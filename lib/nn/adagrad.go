package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Adagrad is PyTorch's torch.optim.Adagrad: the gradient over the root of the sum of its squares so far (Duchi, Hazan & Singer, "Adaptive
// subgradient methods for online learning and stochastic optimization", 2011).
type Adagrad struct {
	Rate        Schedule
	RateDecay   float64 // divides the rate by 1 + RateDecay times the steps before
	Initial     float64 // of the sum, PyTorch's initial_accumulator_value
	Eps         float64
	WeightDecay float64 // adds so much of a parameter to its gradient
	Maximize    bool    // goes up the gradient
}

// NewAdagrad has PyTorch's default eps of 1e-10.
func NewAdagrad(rate float64) Adagrad { return Adagrad{Rate: Constant(rate), Eps: 1e-10} }

// Update moves params by one step along their gradients. The sums live in the store under s, so a checkpoint holds them.
func (o Adagrad) Update(s *model.Scope, params []*Param, gradients []*graph.Node) {
	if len(params) == 0 {
		return
	}
	g := gradients[0].Graph()
	state := s.At("adagrad")
	step := nextStep(state, g)
	rate := graph.Div(o.Rate(step), graph.OnePlus(graph.MulScalar(graph.MinusOne(step), o.RateDecay)))
	for i, p := range params {
		grad := direction(s, p, gradients[i], o.WeightDecay, o.Maximize)
		v := startingAt(state, "sum", p, o.Initial)
		sum := graph.Add(v.NodeValue(g), graph.Square(grad))
		v.SetNodeValue(sum)
		p.Set(s, graph.Sub(p.Node(s, g), graph.Mul(rate, graph.Div(grad, graph.AddScalar(graph.Sqrt(sum), o.Eps)))))
	}
}
