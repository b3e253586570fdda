package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// RMSNorm is PyTorch's nn.RMSNorm over the last axis (Zhang & Sennrich, "Root mean square layer normalization", 2019, equation 4).
type RMSNorm struct {
	Dim int
	Eps float64

	Weight *Param `nn:"weight"` // [dim]
}

// NewRMSNorm has weights of one.
func NewRMSNorm(dim int, eps float64) *RMSNorm {
	return &RMSNorm{Dim: dim, Eps: eps, Weight: &Param{Shape: []int{dim}, Init: ConstInit(1)}}
}

// Forward divides x: [..., dim] by the root of its last axis' mean square, then scales it.
func (l *RMSNorm) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if d := x.Shape().Dim(-1); d != l.Dim {
		panic(errorf("RMS norm %q takes [..., %d], was given %s", l.Weight.path, l.Dim, x.Shape()))
	}
	square := graph.ReduceAndKeep(graph.Square(x), graph.ReduceMean, -1)
	y := graph.Mul(x, rsqrt(graph.AddScalar(square, l.Eps)))
	return Seen(s, l, graph.Mul(y, graph.ExpandLeftToRank(l.Weight.Node(s, x.Graph()), x.Rank())))
}

// String is the line that PyTorch prints.
func (l *RMSNorm) String() string {
	return fmt.Sprintf("RMSNorm((%d,), eps=%s, elementwise_affine=True)", l.Dim, pyFloat(l.Eps))
}
