package nn

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// TopK is the k largest values of each row, largest first and the first of equals first, and their places. It may stand in a [Loop];
// GoMLX's own may not.
//
// x: [batch, n]; values: [batch, k], places: int32 [batch, k].
func TopK(x *graph.Node, k int) (values, places *graph.Node) {
	if x.Rank() != 2 || k < 1 || k > x.Shape().Dim(1) {
		panic(errorf("the largest %d of each row of %s: x must be [batch, n] and k from 1 to n", k, x.Shape()))
	}
	if !hasSlices(x.Graph()) {
		return topKByPasses(x, k)
	}
	if width := partWidth(x.Shape().Dim(1), k); width > 1 {
		return topKByParts(x, k, width)
	}
	return topKBySorting(x, k)
}

// topKBySorting has a form that XLA knows: it looks for the largest without sorting the rest.
func topKBySorting(x *graph.Node, k int) (values, places *graph.Node) {
	sorted := sortDown(x, graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, x.Shape().Dimensions...), 1))
	return graph.Slice(sorted[0], graph.AxisRange(), graph.AxisRange(0, k)), graph.Slice(sorted[1], graph.AxisRange(), graph.AxisRange(0, k))
}

// partWidth is how wide parts of a row of n leave the least to sort when only the k best parts are looked into; 1 is not at all.
func partWidth(n, k int) int {
	best := 1
	left := func(width int) int { return n/width + k*width }
	for width := 2; width*k < n; width++ {
		if n%width == 0 && left(width) < left(best) {
			best = width
		}
	}
	return best
}

// topKByParts looks for the k parts with the largest values, of which a maximum costs little, and for the largest in these.
func topKByParts(x *graph.Node, k, width int) (values, places *graph.Node) {
	batch, n := x.Shape().Dim(0), x.Shape().Dim(1)
	parts := graph.Reshape(x, batch, n/width, width)
	_, best := topKBySorting(graph.ReduceMax(parts, -1), k)
	best = graph.Neg(sortDown(graph.Neg(best), best)[0]) // in their order, for the first of equals
	values, at := topKBySorting(graph.Reshape(TakeRows(parts, best), batch, k*width), k)
	w := graph.Scalar(x.Graph(), dtypes.Int32, int32(width))
	part := graph.Div(at, w)
	start := graph.Mul(TakeRows(best, part), w)
	return values, graph.Add(start, graph.Sub(at, graph.Mul(part, w)))
}

// sortDown sorts rows by their values, and what goes with these along.
func sortDown(values, along *graph.Node) []*graph.Node {
	g := values.Graph()
	before := newClosure(g, func() []*graph.Node {
		parameter := func(n *graph.Node) *graph.Node {
			return graph.Parameter(g, g.UniqueName("compared"), shapes.Make(n.DType()))
		}
		left, right := parameter(values), parameter(values)
		parameter(along)
		parameter(along)
		return []*graph.Node{graph.GreaterThan(left, right)}
	})
	return graph.SortFunc(before, -1, true, values, along)
}

// topKByPasses is for the pure-Go backend, which calls a function to compare two values: a few passes cost less.
func topKByPasses(x *graph.Node, k int) (values, places *graph.Node) {
	all := graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, x.Shape().Dimensions...), 1)
	var tops, at []*graph.Node
	for range k {
		at = append(at, ArgMax(x))
		here := graph.Equal(all, graph.BroadcastToDims(graph.InsertAxes(at[len(at)-1], -1), all.Shape().Dimensions...))
		tops = append(tops, graph.ReduceMax(x, -1))
		x = graph.Where(here, graph.AddScalar(graph.ZerosLike(x), math.Inf(-1)), x)
	}
	return graph.Stack(tops, 1), graph.Stack(at, 1)
}
