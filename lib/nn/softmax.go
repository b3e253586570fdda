package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Softmax is exp(x)/Σexp(x) along an axis.
type Softmax struct {
	Dim int // the axis; from the end where negative
}

// Forward maps x to a like-shaped tensor.
func (l Softmax) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	return graph.Softmax(x, axisOf(x, l.Dim))
}

// String is the line that PyTorch prints.
func (l Softmax) String() string { return fmt.Sprintf("Softmax(dim=%d)", l.Dim) }

// Softmin is the softmax of -x.
type Softmin struct {
	Dim int // the axis; from the end where negative
}

// Forward maps x to a like-shaped tensor.
func (l Softmin) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	return graph.Softmax(graph.Neg(x), axisOf(x, l.Dim))
}

// String is the line that PyTorch prints.
func (l Softmin) String() string { return fmt.Sprintf("Softmin(dim=%d)", l.Dim) }

// LogSoftmax is the logarithm of [Softmax], without overflow.
type LogSoftmax struct {
	Dim int // the axis; from the end where negative
}

// Forward maps x to a like-shaped tensor.
func (l LogSoftmax) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	return graph.LogSoftmax(x, axisOf(x, l.Dim))
}

// String is the line that PyTorch prints.
func (l LogSoftmax) String() string { return fmt.Sprintf("LogSoftmax(dim=%d)", l.Dim) }

// GumbelSoftmax draws from the categories along an axis, smoothly: softmax((logits + gumbels)/tau), with gumbels from [Gumbel] (Jang, Gu
// & Poole, "Categorical reparameterization with Gumbel-softmax", 2016; Maddison, Mnih & Teh, "The concrete distribution", 2016). With
// hard it is the largest category alone, with the gradient of the smooth one. logits and gumbels have one shape.
func GumbelSoftmax(logits, gumbels *graph.Node, tau float64, hard bool, axis int) *graph.Node {
	axis = axisOf(logits, axis)
	soft := graph.Softmax(graph.DivScalar(graph.Add(logits, gumbels), tau), axis)
	if !hard {
		return soft
	}
	still := graph.StopGradient(soft)
	last := upTo(soft.Rank())
	last[axis], last[soft.Rank()-1] = last[soft.Rank()-1], last[axis]
	hot := graph.TransposeAllAxes(graph.OneHot(ArgMax(graph.TransposeAllAxes(still, last...)), soft.Shape().Dim(axis), soft.DType()), last...)
	return graph.Add(hot, graph.Sub(soft, still))
}

// Gumbel draws from the standard Gumbel distribution, -log(-log u).
func Gumbel(key *graph.Node, dims ...int) *graph.Node { return gumbel(Uniform(key, dims...)) }

// gumbel is finite for all that [Uniform] gives: a 0 counts as half of the least number above it. To add that half to all would round the
// greatest up to 1.
func gumbel(u *graph.Node) *graph.Node {
	return graph.Neg(graph.Log(graph.Neg(graph.Log(graph.MaxScalar(u, 0x1p-25)))))
}

// axisOf is an axis of x, counted from the end where negative.
func axisOf(x *graph.Node, axis int) int {
	if axis < -x.Rank() || axis >= x.Rank() {
		panic(errorf("axis is %d: it must be from %d to %d for %s", axis, -x.Rank(), x.Rank()-1, x.Shape()))
	}
	return (axis + x.Rank()) % x.Rank()
}
