package nn

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// LayerNorm is PyTorch's nn.LayerNorm over the last axis (Ba, Kiros & Hinton, "Layer normalization", 2016).
type LayerNorm struct {
	Dim int
	Eps float64

	Weight *Param `nn:"weight"` // [dim]
	Bias   *Param `nn:"bias"`   // [dim]; nil without
}

// NewLayerNorm has PyTorch's eps of 1e-5, weights of one and, where asked for, a bias of zero.
func NewLayerNorm(dim int, bias bool) *LayerNorm {
	l := &LayerNorm{Dim: dim, Eps: 1e-5, Weight: &Param{Shape: []int{dim}, Init: ConstInit(1)}}
	if bias {
		l.Bias = &Param{Shape: []int{dim}}
	}
	return l
}

// Forward maps x: [..., dim] to a like-shaped tensor whose last axis has mean 0 and variance 1, then scales and shifts it.
func (l *LayerNorm) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if d := x.Shape().Dim(-1); d != l.Dim {
		panic(errorf("layer norm %q takes [..., %d], was given %s", l.Weight.path, l.Dim, x.Shape()))
	}
	centred := graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, -1))
	variance := graph.ReduceAndKeep(graph.Square(centred), graph.ReduceMean, -1)
	y := graph.Mul(centred, rsqrt(graph.AddScalar(variance, l.Eps)))
	y = graph.Mul(y, graph.ExpandLeftToRank(l.Weight.Node(s, x.Graph()), x.Rank()))
	if l.Bias != nil {
		y = graph.Add(y, graph.ExpandLeftToRank(l.Bias.Node(s, x.Graph()), x.Rank()))
	}
	return Seen(s, l, y)
}

// String is the line that PyTorch prints.
func (l *LayerNorm) String() string {
	return fmt.Sprintf("LayerNorm((%d,), eps=%s, elementwise_affine=True, bias=%s)", l.Dim, pyFloat(l.Eps), pyBool(l.Bias != nil))
}

// pyFloat writes a number as Python's repr does.
func pyFloat(x float64) string {
	text := strconv.FormatFloat(x, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}
