package nn

import (
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// isEmpty tells of a tensor without values, such as a batch of none. GoMLX divides by its size here and there, so layers answer with
// [emptyLike] before they compute.
func isEmpty(x *graph.Node) bool { return slices.Contains(x.Shape().Dimensions, 0) }

// emptyLike is zeros of x's type, of other sizes; what led to x gets no gradient, which is PyTorch's 0.
func emptyLike(x *graph.Node, dims ...int) *graph.Node {
	return graph.Zeros(x.Graph(), shapes.Make(x.DType(), dims...))
}
