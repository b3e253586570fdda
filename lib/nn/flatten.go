package nn

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Identity gives what it is given.
type Identity struct{}

// Forward is x.
func (Identity) Forward(_ *model.Scope, x *graph.Node) *graph.Node { return x }

// String is the line that PyTorch prints.
func (Identity) String() string { return "Identity()" }

// Flatten makes one axis of all but the first, PyTorch's nn.Flatten(), in PyTorch's order: that of [batch, channels, spatial...], so that a
// linear layer after it takes PyTorch's weights.
type Flatten struct{}

// Forward maps x: [batch, spatial..., channels] or [batch, n] to [batch, the rest].
func (l Flatten) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() < 1 {
		panic(errorf("%s takes a batch, was given a scalar", l))
	}
	dims := x.Shape().Dimensions
	size := 1
	for _, d := range dims[1:] {
		size *= d
	}
	if x.Rank() > 2 {
		order := slices.Concat([]int{0, x.Rank() - 1}, upTo(x.Rank() - 1)[1:])
		x = graph.TransposeAllAxes(x, order...)
	}
	return graph.Reshape(x, dims[0], size)
}

// String is the line that PyTorch prints.
func (Flatten) String() string { return "Flatten(start_dim=1, end_dim=-1)" }

// Unflatten is [Flatten] turned back, PyTorch's nn.Unflatten(1, sizes).
type Unflatten struct {
	Sizes []int // PyTorch's: channels, then spatial axes
}

// Forward maps x: [batch, n] to [batch, spatial..., channels].
func (l Unflatten) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() != 2 || len(l.Sizes) == 0 {
		panic(errorf("%s takes [batch, n], was given %s", l, x.Shape()))
	}
	x = graph.Reshape(x, append([]int{x.Shape().Dim(0)}, l.Sizes...)...)
	order := upTo(x.Rank())
	return graph.TransposeAllAxes(x, slices.Concat(order[:1], order[2:], order[1:2])...)
}

// String is the line that PyTorch prints.
func (l Unflatten) String() string {
	return fmt.Sprintf("Unflatten(dim=1, unflattened_size=%s)", pyTuple(l.Sizes))
}
