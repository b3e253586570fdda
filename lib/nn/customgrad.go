package nn

import (
	"github.com/gomlx/gomlx/core/graph"
)

// withGradient returns y with a gradient of its own with respect to inputs, whatever operations y was made of: vjp(i, v) is the
// gradient of input i when v is that of y. It is called only for the inputs that need one. What it builds from y's inputs and v
// may itself be differentiated: where that has right gradients, second derivatives are right too.
//
// GoMLX lets a node of one input have its own gradient ([graph.IdentityWithCustomGradient]), like-shaped. So y is cut off, a node
// on top of it catches v on the way back, and a node on each input hands over vjp(i, v) when its turn comes. In between, the
// inputs are tied to y by a value that is never taken: XLA leaves nothing of it.
func withGradient(y *graph.Node, inputs []*graph.Node, vjp func(i int, v *graph.Node) *graph.Node) *graph.Node {
	var caught *graph.Node // set anew in each backward pass: the node on top comes before those on the inputs
	var tie *graph.Node
	for i, x := range inputs {
		entry := graph.IdentityWithCustomGradient(x, func(_, _ *graph.Node) *graph.Node { return vjp(i, caught) })
		t := graph.ConvertDType(firstValue(entry), y.DType())
		if tie == nil {
			tie = t
		} else {
			tie = graph.Add(tie, t)
		}
	}
	never := graph.Const(y.Graph(), false)
	return graph.IdentityWithCustomGradient(graph.Where(never, tie, graph.StopGradient(y)), func(_, v *graph.Node) *graph.Node {
		caught = v
		return v
	})
}

// onceForAll is a vjp for [withGradient] where all gradients are computed at once: those of the last v are kept.
func onceForAll(gradients func(v *graph.Node) []*graph.Node) func(i int, v *graph.Node) *graph.Node {
	var of *graph.Node // what list was computed for
	var list []*graph.Node
	return func(i int, v *graph.Node) *graph.Node {
		if of != v {
			of, list = v, gradients(v)
		}
		return list[i]
	}
}

// firstValue is a scalar of x.
func firstValue(x *graph.Node) *graph.Node {
	if isEmpty(x) {
		return graph.ReduceAllSum(x)
	}
	first := make([]graph.SliceAxisSpec, x.Rank())
	for i := range first {
		first[i] = graph.AxisElem(0)
	}
	return graph.Reshape(graph.Slice(x, first...))
}
