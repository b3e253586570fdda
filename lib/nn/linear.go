package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Linear is y = x·Wᵀ + b, PyTorch's nn.Linear.
type Linear struct {
	In, Out int

	Weight *Param `nn:"weight"` // [out, in]
	Bias   *Param `nn:"bias"`   // [out]; nil without

	class string // as PyTorch prints it, where that isn't Linear
}

// NewLinear makes a linear layer with PyTorch's default initialisation.
func NewLinear(in, out int, bias bool) *Linear {
	l := &Linear{In: in, Out: out, Weight: &Param{Shape: []int{out, in}, Init: fanInInit(in)}}
	if bias {
		l.Bias = &Param{Shape: []int{out}, Init: fanInInit(in)}
	}
	return l
}

// Forward maps x: [..., in] to [..., out].
func (l *Linear) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if d := x.Shape().Dim(-1); d != l.In {
		panic(errorf("linear layer %q takes [..., %d], was given %s", l.Weight.path, l.In, x.Shape()))
	}
	dims := x.Shape().Clone().Dimensions
	if isEmpty(x) {
		return Observed(s, l, emptyLike(x, append(dims[:len(dims)-1], l.Out)...))
	}
	x2 := graph.Reshape(x, -1, l.In)
	y := timesTransposed(x2, l.Weight.Node(s, x.Graph()))
	if l.Bias != nil {
		y = graph.Add(y, graph.InsertAxes(l.Bias.Node(s, x.Graph()), 0))
	}
	dims[len(dims)-1] = l.Out
	return Observed(s, l, graph.Reshape(y, dims...))
}

// timesTransposed is x·wᵀ. The transposition is an operation of its own, for a [Loop] then does it once and not at every step; elsewhere
// XLA makes it a part of the product. x: [n, in], w: [out, in].
func timesTransposed(x, w *graph.Node) *graph.Node {
	return graph.EinsumAxes(x, graph.Transpose(w, 0, 1), [][2]int{{1, 0}}, nil)
}

// String is the line that PyTorch prints.
func (l *Linear) String() string {
	class := l.class
	if class == "" {
		class = "Linear"
	}
	return fmt.Sprintf("%s(in_features=%d, out_features=%d, bias=%s)", class, l.In, l.Out, pyBool(l.Bias != nil))
}

func pyBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}
