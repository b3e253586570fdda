package nn

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Loop repeats body as long as the first value of the state, a bool scalar, is true, but at most length times, and returns the last
// state. step counts from 0 (scalar, int32). The body may use what that of a [Scan] may; there is no gradient.
func Loop(length int, init []*graph.Node, body func(step *graph.Node, state []*graph.Node) []*graph.Node) []*graph.Node {
	if length < 1 || len(init) == 0 || !init[0].IsScalar() || init[0].DType() != dtypes.Bool {
		panic(errorf("a loop takes a length of at least 1 and a state that begins with a bool scalar, was given %d and %v", length, init))
	}
	l := newLoop(newStep(init, nil, func(step *graph.Node, state, _ []*graph.Node) (next, y []*graph.Node) {
		return body(step, state), nil
	}), length, false)
	l.guarded = true
	return l.run(init, nil).final
}

// TakeAt is the slice of x at place t, known when the graph runs, of an axis, which keeps a length of 1.
func TakeAt(x, t *graph.Node, axis int) *graph.Node {
	if !hasSlices(x.Graph()) {
		return graph.ReduceAndKeep(graph.Where(placeMask(x, t, axis), x, graph.ZerosLike(x)), graph.ReduceSum, axis)
	}
	dims := x.Shape().Clone().Dimensions
	dims[axis] = 1
	return graph.DynamicSlice(x, startsAt(x, t, axis), dims)
}

// TakeRows takes some rows of each element of a batch. x: [batch, n, ...], rows: int32 [batch, k], result: [batch, k, ...].
func TakeRows(x, rows *graph.Node) *graph.Node {
	dims := x.Shape().Clone().Dimensions
	first := graph.MulScalar(graph.Iota(x.Graph(), rows.Shape(), 0), dims[1])
	flat := graph.Reshape(x, slices.Concat([]int{dims[0] * dims[1]}, dims[2:])...)
	return graph.Gather(flat, graph.InsertAxes(graph.Add(first, rows), -1))
}

// PutAt is x with value, of length n along an axis, in place of stretch t, known when the graph runs, of those of length n that the axis
// is made of.
//
// A cache that a [Loop] carries is written in place if what comes out goes into the next state and into products as it is: a reshape
// between makes XLA copy the whole of it at every step.
func PutAt(x, value, t *graph.Node, axis int) *graph.Node {
	n := value.Shape().Dim(axis)
	if hasSlices(x.Graph()) {
		return graph.DynamicUpdateSlice(x, value, startsAt(x, graph.MulScalar(t, n), axis))
	}
	dims := x.Shape().Dimensions
	split := graph.Reshape(x, slices.Concat(dims[:axis], []int{dims[axis] / n, n}, dims[axis+1:])...)
	value = graph.BroadcastToDims(graph.InsertAxes(value, axis), split.Shape().Dimensions...)
	return graph.Reshape(graph.Where(placeMask(split, t, axis), value, split), dims...)
}

// ArgMax is the place of the largest value along the last axis, the first of equals: int32, without that axis. GoMLX's own doesn't stand
// in a loop on XLA: its reduction belongs to the function that asked first.
func ArgMax(x *graph.Node) *graph.Node {
	shape := shapes.Make(dtypes.Int32, x.Shape().Dimensions...)
	top := graph.BroadcastToDims(graph.ReduceAndKeep(x, graph.ReduceMax, -1), shape.Dimensions...)
	places := graph.Iota(x.Graph(), shape, -1)
	last := graph.AddScalar(graph.ZerosLike(places), shape.Dim(-1)-1)
	return graph.ReduceMin(graph.Where(graph.Equal(x, top), places, last), -1)
}

// placeMask is true at place t of an axis, for the pure-Go backend, which has no dynamic slices.
func placeMask(x, t *graph.Node, axis int) *graph.Node {
	shape := shapes.Make(dtypes.Int32, x.Shape().Dimensions...)
	return graph.Equal(graph.Iota(x.Graph(), shape, axis), graph.BroadcastToDims(t, shape.Dimensions...))
}

func startsAt(x, t *graph.Node, axis int) []*graph.Node {
	list := make([]*graph.Node, x.Rank())
	for i := range list {
		list[i] = graph.Scalar(x.Graph(), dtypes.Int32, 0)
	}
	list[axis] = t
	return list
}
