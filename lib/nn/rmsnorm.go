package nn

import (
	"cmp"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// RMSNorm is PyTorch's nn.RMSNorm over the last axes (Zhang & Sennrich, "Root mean square layer normalization", 2019, equation 4).
type RMSNorm struct {
	Shape []int   // of the last axes, PyTorch's normalized_shape
	Eps   float64 // 0 is PyTorch's None: float32's step at 1

	Weight *Param `nn:"weight"` // [shape...]; nil without
}

// NewRMSNorm is over the last axis, with weights of one.
func NewRMSNorm(dim int, eps float64) *RMSNorm { return NewRMSNormOver([]int{dim}, eps) }

// NewRMSNormOver is [NewRMSNorm] over several axes.
func NewRMSNormOver(shape []int, eps float64) *RMSNorm {
	l := &RMSNorm{Shape: shape, Eps: eps}
	l.Weight, _ = affine(shape...)
	return l
}

// WithoutAffine takes the weight away, PyTorch's elementwise_affine=False.
func (l *RMSNorm) WithoutAffine() *RMSNorm {
	l.Weight = nil
	return l
}

// Forward divides x: [..., shape...] by the root of its last axes' mean square, then scales it.
func (l *RMSNorm) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	axes := checkLast(l, x, l.Shape)
	if isEmpty(x) {
		return Observed(s, l, x)
	}
	square := graph.ReduceAndKeep(graph.Square(x), graph.ReduceMean, axes...)
	y := graph.Mul(x, rsqrt(graph.AddScalar(square, cmp.Or(l.Eps, 0x1p-23))))
	return Observed(s, l, scaleAndShift(s, y, l.Weight, nil))
}

// String is the line that PyTorch prints.
func (l *RMSNorm) String() string {
	eps := "None"
	if l.Eps != 0 {
		eps = pyFloat(l.Eps)
	}
	return fmt.Sprintf("RMSNorm(%s, eps=%s, elementwise_affine=%s)", pyTuple(l.Shape), eps, pyBool(l.Weight != nil))
}
