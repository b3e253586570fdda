package nn

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// TopK is the k largest values of each row, largest first and the first of equals first, and their places. NaN is the largest, as in
// PyTorch. The gradient of a value goes to its place. It may stand in a [Loop]; GoMLX's own may not.
//
// x: [batch, n]; values: [batch, k], places: int32 [batch, k].
func TopK(x *graph.Node, k int) (values, places *graph.Node) {
	if x.Rank() != 2 || k < 1 || k > x.Shape().Dim(1) {
		panic(errorf("the largest %d of each row of %s: x must be [batch, n] and k from 1 to n", k, x.Shape()))
	}
	still := graph.StopGradient(x)
	switch width := partWidth(x.Shape().Dim(1), k); {
	case !hasSlices(x.Graph()):
		places = topKByPasses(still, k)
	case width > 1:
		places = topKByParts(totalOrder(still), k, width)
	default:
		_, places = topKBySorting(totalOrder(still), k)
	}
	return TakeRows(x, places), places
}

// totalOrder has one NaN, the positive one, and one zero, so that the order of bits is PyTorch's.
func totalOrder(x *graph.Node) *graph.Node {
	if !x.DType().IsFloat() {
		return x
	}
	zero := graph.ZerosLike(x)
	x = graph.Where(graph.Equal(x, zero), zero, x)
	return graph.Where(isNaN(x), graph.BroadcastToDims(scalar(x, math.NaN()), x.Shape().Dimensions...), x)
}

func isNaN(x *graph.Node) *graph.Node { return graph.NotEqual(x, x) }

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
func topKByParts(x *graph.Node, k, width int) *graph.Node {
	batch, n := x.Shape().Dim(0), x.Shape().Dim(1)
	parts := graph.Reshape(x, batch, n/width, width)
	most := graph.ReduceMax(parts, -1)
	if x.DType().IsFloat() { // XLA's maximum loses a NaN now and then
		nans := graph.ReduceMax(graph.ConvertDType(isNaN(parts), dtypes.Int32), -1)
		most = graph.Where(graph.GreaterThan(nans, graph.ZerosLike(nans)), graph.BroadcastToDims(scalar(x, math.NaN()), nans.Shape().Dimensions...), most)
	}
	_, best := topKBySorting(most, k)
	best = graph.Neg(sortDown(graph.Neg(best), best)[0]) // in their order, for the first of equals
	_, at := topKBySorting(graph.Reshape(TakeRows(parts, best), batch, k*width), k)
	w := graph.Scalar(x.Graph(), dtypes.Int32, int32(width))
	part := graph.Div(at, w)
	start := graph.Mul(TakeRows(best, part), w)
	return graph.Add(start, graph.Sub(at, graph.Mul(part, w)))
}

// sortDown sorts rows by their values, and what goes with these along.
func sortDown(values, along *graph.Node) []*graph.Node {
	g := values.Graph()
	greater := graph.GreaterThan
	if values.DType().IsFloat() {
		greater = graph.GreaterThanTotalOrder // a NaN is greater than nothing, else, and loses others
	}
	before := newClosure(g, func() []*graph.Node {
		parameter := func(n *graph.Node) *graph.Node {
			return graph.Parameter(g, g.UniqueName("compared"), shapes.Make(n.DType()))
		}
		left, right := parameter(values), parameter(values)
		parameter(along)
		parameter(along)
		return []*graph.Node{greater(left, right)}
	})
	return graph.SortFunc(before, -1, true, values, along)
}

// topKByPasses is for the pure-Go backend, which calls a function to compare two values: a few passes cost less. Each pass takes the
// first of the largest that are left.
func topKByPasses(x *graph.Node, k int) *graph.Node {
	g, dims := x.Graph(), x.Shape().Dimensions
	all := graph.Iota(g, shapes.Make(dtypes.Int32, dims...), 1)
	last := graph.AddScalar(graph.ZerosLike(all), dims[1]-1)
	lowest := graph.BroadcastToDims(graph.Const(g, x.DType().LowestValue()), dims...)
	wide := func(row *graph.Node) *graph.Node { return graph.BroadcastToDims(row, dims...) }

	left := graph.Equal(all, all)
	nan := graph.LogicalNot(left)
	if x.DType().IsFloat() {
		nan = isNaN(x)
	}
	var at []*graph.Node
	for range k {
		number := graph.LogicalAnd(left, graph.LogicalNot(nan))
		top := wide(graph.ReduceAndKeep(graph.Where(number, x, lowest), graph.ReduceMax, 1))
		best := graph.LogicalAnd(number, graph.Equal(x, top))
		nans := graph.LogicalAnd(left, nan)
		anyNaN := graph.GreaterThan(wide(graph.ReduceAndKeep(graph.ConvertDType(nans, dtypes.Int32), graph.ReduceMax, 1)), graph.ZerosLike(all))
		best = graph.Where(anyNaN, nans, best)
		place := graph.ReduceAndKeep(graph.Where(best, all, last), graph.ReduceMin, 1)
		left = graph.LogicalAnd(left, graph.NotEqual(all, wide(place)))
		at = append(at, place)
	}
	return graph.Concatenate(at, 1)
}
