package nn

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// AdaptivePool is PyTorch's nn.AdaptiveAvgPool1d to 3d and nn.AdaptiveMaxPool1d to 3d: windows that overlap as little as they can and give
// as many places as asked for, whatever comes in. A maximum's gradient goes to the first of equals.
type AdaptivePool struct {
	Axes int
	Max  bool  // else the average
	Size []int // of the output: one for every axis, or one for each; 0 keeps an axis, PyTorch's None
}

// NewAdaptiveAvgPool2d makes a layer for x: [batch, height, width, channels].
func NewAdaptiveAvgPool2d(size ...int) *AdaptivePool { return &AdaptivePool{Axes: 2, Size: size} }

// NewAdaptiveMaxPool2d makes a layer for x: [batch, height, width, channels].
func NewAdaptiveMaxPool2d(size ...int) *AdaptivePool {
	return &AdaptivePool{Axes: 2, Max: true, Size: size}
}

// Forward maps x: [batch, spatial..., channels] to [batch, size..., channels].
func (l *AdaptivePool) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() != l.Axes+2 {
		panic(errorf("%s takes [batch, %d spatial axes, channels], was given %s", l, l.Axes, x.Shape()))
	}
	return Observed(s, l, adaptive(x, perAxis("output size", l.Size, l.Axes, 0, 0), l.Max))
}

// adaptive pools the spatial axes of x to sizes; 0 keeps one.
func adaptive(x *graph.Node, sizes []int, most bool) *graph.Node {
	for i := len(sizes); i > 0; i-- {
		if sizes[i-1] > 0 {
			x = adaptiveAlong(x, i, sizes[i-1], most)
		}
	}
	return x
}

func adaptiveAlong(x *graph.Node, axis, out int, most bool) *graph.Node {
	in := x.Shape().Dim(axis)
	if out == in {
		return x
	}
	if isEmpty(x) {
		d := x.Shape().Clone().Dimensions
		d[axis] = out
		return emptyLike(x, d...)
	}
	parts := make([]*graph.Node, out)
	for i := range parts {
		start, end := i*in/out, ((i+1)*in+out-1)/out
		if !most {
			parts[i] = graph.ReduceAndKeep(cropAxis(x, axis, start, end-start), graph.ReduceMean, axis)
			continue
		}
		var values []*graph.Node
		for j := start; j < end; j++ {
			values = append(values, cropAxis(x, axis, j, 1))
		}
		parts[i] = largest(values)
	}
	return concat(parts, axis)
}

// String is the line that PyTorch prints.
func (l *AdaptivePool) String() string {
	kind, sizes := "Avg", make([]string, len(l.Size))
	if l.Max {
		kind = "Max"
	}
	for i, n := range l.Size {
		sizes[i] = strconv.Itoa(n)
		if n == 0 {
			sizes[i] = "None"
		}
	}
	size := strings.Join(sizes, ", ")
	if len(sizes) > 1 {
		size = "(" + size + ")"
	}
	return fmt.Sprintf("Adaptive%sPool%dd(output_size=%s)", kind, l.Axes, size)
}
