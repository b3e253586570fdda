package nn

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// LayerNorm is PyTorch's nn.LayerNorm over the last axes (Ba, Kiros & Hinton, "Layer normalization", 2016).
type LayerNorm struct {
	Shape []int // of the last axes, PyTorch's normalized_shape
	Eps   float64

	Weight *Param `nn:"weight"` // [shape...]; nil without
	Bias   *Param `nn:"bias"`   // [shape...]; nil without
}

// NewLayerNorm is over the last axis. It has PyTorch's eps of 1e-5, weights of one and, where asked for, a bias of zero.
func NewLayerNorm(dim int, bias bool) *LayerNorm { return NewLayerNormOver([]int{dim}, bias) }

// NewLayerNormOver is [NewLayerNorm] over several axes.
func NewLayerNormOver(shape []int, bias bool) *LayerNorm {
	l := &LayerNorm{Shape: shape, Eps: 1e-5}
	l.Weight, l.Bias = affine(shape...)
	if !bias {
		l.Bias = nil
	}
	return l
}

// WithoutAffine takes weight and bias away, PyTorch's elementwise_affine=False.
func (l *LayerNorm) WithoutAffine() *LayerNorm {
	l.Weight, l.Bias = nil, nil
	return l
}

// Forward maps x: [..., shape...] to a like-shaped tensor whose last axes together have mean 0 and variance 1, then scales and shifts it.
func (l *LayerNorm) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	axes := checkLast(l, x, l.Shape)
	if isEmpty(x) {
		return Observed(s, l, x)
	}
	centred := graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, axes...))
	variance := graph.ReduceAndKeep(graph.Square(centred), graph.ReduceMean, axes...)
	y := graph.Mul(centred, rsqrt(graph.AddScalar(variance, l.Eps)))
	return Observed(s, l, scaleAndShift(s, y, l.Weight, l.Bias))
}

// checkLast compares x's last axes with a norm's, which it returns.
func checkLast(layer fmt.Stringer, x *graph.Node, shape []int) []int {
	first := x.Rank() - len(shape)
	if first < 0 || !slices.Equal(x.Shape().Dimensions[first:], shape) {
		panic(errorf("%s takes [..., %s], was given %s", layer, strings.Trim(fmt.Sprint(shape), "[]"), x.Shape()))
	}
	axes := upTo(x.Rank())
	return axes[first:]
}

// String is the line that PyTorch prints.
func (l *LayerNorm) String() string {
	return fmt.Sprintf("LayerNorm(%s, eps=%s, elementwise_affine=%s, bias=%s)", pyTuple(l.Shape), pyFloat(l.Eps), pyBool(l.Weight != nil), pyBool(l.Bias != nil))
}

// pyFloat writes a number as Python's repr does.
func pyFloat(x float64) string {
	text := strconv.FormatFloat(x, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}
