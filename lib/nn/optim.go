package nn

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Trained lists the parameters below root that an optimiser moves: no buffers, tied ones once.
func Trained(root any) []*Param {
	var list []*Param
	seen := map[*Param]bool{}
	for _, p := range Params(root) {
		if !p.Buffer && !seen[p] {
			list = append(list, p)
			seen[p] = true
		}
	}
	return list
}

// Gradients returns the gradient of loss for each of params, in their order; zeros for one that the loss doesn't depend on.
func Gradients(s *model.Scope, loss *graph.Node, params []*Param) []*graph.Node {
	nodes := make([]*graph.Node, len(params))
	for i, p := range params {
		nodes[i] = p.Node(s, loss.Graph())
	}
	return graph.Gradient(loss, nodes...)
}

// Gradient is a parameter's gradient under PyTorch's name, laid out as PyTorch has it.
type Gradient struct {
	Name  string
	Value *graph.Node
}

// NameGradients names the gradients of params, each after the prefix, which may be empty.
func NameGradients(prefix string, params []*Param, gradients []*graph.Node) []Gradient {
	list := make([]Gradient, len(params))
	for i, p := range params {
		value := gradients[i]
		if p.Perm != nil {
			value = graph.TransposeAllAxes(value, p.Perm...)
		}
		list[i] = Gradient{prefix + p.path, value}
	}
	return list
}

// Schedule is a learning rate over time: a scalar from the number of the step, counted from 1 (scalar, float32).
type Schedule func(step *graph.Node) *graph.Node

// Constant is a learning rate that never changes.
func Constant(rate float64) Schedule {
	return func(step *graph.Node) *graph.Node { return scalar(step, rate) }
}

// Adam is PyTorch's torch.optim.Adam (Kingma & Ba, "Adam: a method for stochastic optimization", 2014, algorithm 1).
type Adam struct {
	Rate         Schedule
	Beta1, Beta2 float64
	Eps          float64
	WeightDecay  float64 // adds so much of a parameter to its gradient; [AdamW] is the other kind
	AMSGrad      bool    // divides by the largest second moment so far (Reddi, Kale & Kumar, "On the convergence of Adam and beyond", 2018)
	Maximize     bool    // goes up the gradient
}

// NewAdam has PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8.
func NewAdam(rate float64) Adam {
	return Adam{Rate: Constant(rate), Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}
}

// Update moves params by one step along their gradients. The moments live in the store under s, so a checkpoint holds them.
func (a Adam) Update(s *model.Scope, params []*Param, gradients []*graph.Node) {
	a.update(s, params, gradients, func(*Param) float64 { return 0 })
}

// update first shrinks each parameter by rate times its decay.
func (a Adam) update(s *model.Scope, params []*Param, gradients []*graph.Node, decay func(*Param) float64) {
	if len(params) == 0 {
		return
	}
	g := gradients[0].Graph()
	state := s.At("adam")
	step := nextStep(state, g)

	plain := a.Rate(step)
	rate := graph.Div(plain, oneMinusPow(a.Beta1, step))
	correction := graph.Sqrt(oneMinusPow(a.Beta2, step))
	for i, p := range params {
		grad := direction(s, p, gradients[i], a.WeightDecay, a.Maximize)
		m := moment(state, "exp_avg", p)
		v := moment(state, "exp_avg_sq", p)
		first := graph.Add(graph.MulScalar(m.NodeValue(g), a.Beta1), graph.MulScalar(grad, 1-a.Beta1))
		second := graph.Add(graph.MulScalar(v.NodeValue(g), a.Beta2), graph.MulScalar(graph.Square(grad), 1-a.Beta2))
		m.SetNodeValue(first)
		v.SetNodeValue(second)
		if a.AMSGrad {
			most := moment(state, "max_exp_avg_sq", p)
			second = graph.Max(most.NodeValue(g), second)
			most.SetNodeValue(second)
		}
		denominator := graph.AddScalar(graph.Div(graph.Sqrt(second), correction), a.Eps)
		value := p.Node(s, g)
		if d := decay(p); d != 0 {
			value = graph.Mul(value, graph.OneMinus(graph.MulScalar(plain, d)))
		}
		p.Set(s, graph.Sub(value, graph.Mul(rate, graph.Div(first, denominator))))
	}
}

// direction is the gradient that an optimiser follows down: against it to maximize, and with a part of the parameter itself.
func direction(s *model.Scope, p *Param, gradient *graph.Node, decay float64, maximize bool) *graph.Node {
	if maximize {
		gradient = graph.Neg(gradient)
	}
	if decay != 0 {
		gradient = graph.Add(gradient, graph.MulScalar(p.Node(s, gradient.Graph()), decay))
	}
	return gradient
}

// nextStep counts an optimiser's step and gives its number, from 1 on.
func nextStep(state *model.Scope, g *graph.Graph) *graph.Node {
	counter := state.VariableWithValue("step", float32(0)).SetTrainable(false)
	step := graph.OnePlus(counter.NodeValue(g))
	counter.SetNodeValue(step)
	return step
}

// moment is an optimiser's running value for one parameter, zero at first.
func moment(state *model.Scope, kind string, p *Param) *model.Variable {
	zero := tensors.FromShape(shapes.Make(dtypes.Float32, p.Shape...))
	return state.VariableWithValue(kind+"."+p.path, zero).SetTrainable(false)
}

// startingAt is [moment] from another first value on.
func startingAt(state *model.Scope, kind string, p *Param, value float64) *model.Variable {
	flat := make([]float32, p.Size())
	for i := range flat {
		flat[i] = float32(value)
	}
	return state.VariableWithValue(kind+"."+p.path, tensors.FromFlatDataAndDimensions(flat, p.Shape...)).SetTrainable(false)
}

// oneMinusPow is 1 - base^exponent for a constant base in (0, 1), exact where base is near 1.
func oneMinusPow(base float64, exponent *graph.Node) *graph.Node {
	return graph.Neg(graph.Expm1(graph.MulScalar(exponent, math.Log(base))))
}
