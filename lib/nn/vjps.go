package nn

import (
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// GoMLX keeps the gradient of each kind of node in a table that is meant to be added to. Here it gets those that it lacks.
func init() {
	slice := graph.VJPRegistration[graph.NodeTypeSlice]
	// Slice has one, a Pad that has none itself: it is a slice again, of the same part.
	graph.VJPRegistration[graph.NodeTypeSlice] = func(node *graph.Node, v []*graph.Node, s shapes.Shape) []*graph.Node {
		padded := slice(node, v, s)
		slicedBy(node.Graph())[padded[0]] = node
		return padded
	}
	graph.VJPRegistration[graph.NodeTypePad] = func(node *graph.Node, v []*graph.Node, _ shapes.Shape) []*graph.Node {
		sliced, ok := slicedBy(node.Graph())[node]
		if !ok {
			panic(errorf("graph.Pad has no gradient: use nn.Pad"))
		}
		return []*graph.Node{sliced.CloneWithInputs(v[0]), nil}
	}
	for _, steps := range []graph.NodeType{graph.NodeTypeFloor, graph.NodeTypeRound} {
		graph.VJPRegistration[steps] = func(_ *graph.Node, v []*graph.Node, _ shapes.Shape) []*graph.Node {
			return []*graph.Node{graph.ZerosLike(v[0])}
		}
	}
	graph.VJPRegistration[graph.NodeTypeSchedulingBarrier] = func(node *graph.Node, v []*graph.Node, _ shapes.Shape) []*graph.Node {
		return append([]*graph.Node{v[0]}, make([]*graph.Node, len(node.Inputs())-1)...)
	}
	graph.VJPRegistration[graph.NodeTypeExpm1] = func(node *graph.Node, v []*graph.Node, _ shapes.Shape) []*graph.Node {
		return []*graph.Node{graph.Mul(v[0], graph.Exp(node.Inputs()[0]))}
	}
}

type slicedByKey struct{}

// slicedBy has the slice whose gradient each Pad of a graph is.
func slicedBy(g *graph.Graph) map[*graph.Node]*graph.Node {
	pads, ok := g.State(slicedByKey{}).(map[*graph.Node]*graph.Node)
	if !ok {
		pads = map[*graph.Node]*graph.Node{}
		g.AttachState(slicedByKey{}, pads)
	}
	return pads
}
