package nn

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// SoftplusLayer is PyTorch's nn.Softplus: log(1 + exp(Beta·x))/Beta, and x itself where Beta·x is more than Threshold.
type SoftplusLayer struct {
	Beta      float64 // 0 is PyTorch's default, 1
	Threshold float64 // 0 is PyTorch's default, 20
}

// Forward maps x element by element.
func (l SoftplusLayer) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	beta, threshold := cmp.Or(l.Beta, 1), cmp.Or(l.Threshold, 20)
	y := scaled(Softplus(scaled(x, beta)), 1/beta)
	return graph.Where(graph.GreaterThan(scaled(x, beta), scalar(x, threshold)), x, y)
}

// String is the line that PyTorch prints.
func (l SoftplusLayer) String() string {
	return fmt.Sprintf("Softplus(beta=%s, threshold=%s)", pyFloat(cmp.Or(l.Beta, 1)), pyFloat(cmp.Or(l.Threshold, 20)))
}

// LogSigmoid is log(sigmoid(x)), without overflow.
type LogSigmoid struct{}

// Forward maps x element by element.
func (LogSigmoid) Forward(_ *model.Scope, x *graph.Node) *graph.Node { return logSigmoid(x) }

// String is the line that PyTorch prints.
func (LogSigmoid) String() string { return "LogSigmoid()" }

// Mish is x·tanh(softplus(x)) (Misra, "Mish: a self regularized non-monotonic activation function", 2019).
type Mish struct{ Inplace bool }

// Forward maps x element by element.
func (Mish) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	return graph.Mul(x, graph.Tanh(Softplus(x)))
}

// String is the line that PyTorch prints.
func (l Mish) String() string {
	if l.Inplace {
		return "Mish(inplace=True)"
	}
	return "Mish()"
}

// Softsign is x/(1 + |x|).
type Softsign struct{}

// Forward maps x element by element.
func (Softsign) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	return graph.Div(x, graph.OnePlus(absolute(x)))
}

// String is the line that PyTorch prints.
func (Softsign) String() string { return "Softsign()" }

// Tanhshrink is x - tanh(x).
type Tanhshrink struct{}

// Forward maps x element by element.
func (Tanhshrink) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	return graph.Sub(x, graph.Tanh(x))
}

// String is the line that PyTorch prints.
func (Tanhshrink) String() string { return "Tanhshrink()" }

// absolute is |x| with PyTorch's gradient, which is 0 at 0; GoMLX's is 1.
func absolute(x *graph.Node) *graph.Node { return graph.Mul(x, graph.StopGradient(graph.Sign(x))) }

// GLU halves an axis and multiplies the first half by the sigmoid of the second (Dauphin et al., "Language modeling with gated
// convolutional networks", 2016).
type GLU struct {
	Dim int // the axis; from the end where negative. PyTorch's default is -1
}

// Forward maps x: [..., 2n, ...] to [..., n, ...].
func (l GLU) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	axis := axisOf(x, l.Dim)
	n := x.Shape().Dim(axis) / 2
	if x.Shape().Dim(axis) != 2*n {
		panic(errorf("%s halves axis %d of %s: its length must be even", l, axis, x.Shape()))
	}
	return graph.Mul(cropAxis(x, axis, 0, n), graph.Sigmoid(cropAxis(x, axis, n, n)))
}

// String is the line that PyTorch prints.
func (l GLU) String() string { return "GLU(dim=" + strconv.Itoa(l.Dim) + ")" }

// PReLU is x, times a weight that is trained where x is negative (He et al., "Delving deep into rectifiers", 2015).
type PReLU struct {
	Weight *Param `nn:"weight"` // [1] or [channels]
}

// NewPReLU has one weight, or one for each of the channels that x's last axis is; each begins at PyTorch's 0.25.
func NewPReLU(weights int) *PReLU {
	return &PReLU{Weight: &Param{Shape: []int{weights}, Init: ConstInit(0.25)}}
}

// Forward maps x: [..., channels] element by element.
func (l *PReLU) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if n := l.Weight.Shape[0]; n > 1 && n != x.Shape().Dim(-1) {
		panic(errorf("%s %q takes [..., %d], was given %s", l, l.Weight.path, n, x.Shape()))
	}
	if isEmpty(x) {
		return Observed(s, l, x)
	}
	slope := graph.ExpandLeftToRank(l.Weight.Node(s, x.Graph()), x.Rank())
	return Observed(s, l, graph.Where(graph.GreaterThan(x, scalar(x, 0)), x, graph.Mul(x, slope)))
}

// String is the line that PyTorch prints.
func (l *PReLU) String() string { return fmt.Sprintf("PReLU(num_parameters=%d)", l.Weight.Shape[0]) }
