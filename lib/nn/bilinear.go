package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Bilinear is y = x1ᵀ·W·x2 + b for each output, PyTorch's nn.Bilinear.
type Bilinear struct {
	In1, In2, Out int

	Weight *Param `nn:"weight"` // [out, in1, in2]
	Bias   *Param `nn:"bias"`   // [out]; nil without
}

// NewBilinear makes a layer with PyTorch's default initialisation, U(±1/√in1).
func NewBilinear(in1, in2, out int, bias bool) *Bilinear {
	l := &Bilinear{In1: in1, In2: in2, Out: out, Weight: &Param{Shape: []int{out, in1, in2}, Init: fanInInit(in1)}}
	if bias {
		l.Bias = &Param{Shape: []int{out}, Init: fanInInit(in1)}
	}
	return l
}

// Forward maps x1: [..., in1] and x2: [..., in2] to [..., out].
func (l *Bilinear) Forward(s *model.Scope, x1, x2 *graph.Node) *graph.Node {
	if x1.Shape().Dim(-1) != l.In1 || x2.Shape().Dim(-1) != l.In2 || x1.Rank() != x2.Rank() {
		panic(errorf("%s %q takes [..., %d] and [..., %d], was given %s and %s", l, l.Weight.path, l.In1, l.In2, x1.Shape(), x2.Shape()))
	}
	dims := x1.Shape().Clone().Dimensions
	flat1, flat2 := graph.Reshape(x1, -1, l.In1), graph.Reshape(x2, -1, l.In2)
	half := graph.EinsumAxes(flat1, l.Weight.Node(s, x1.Graph()), [][2]int{{1, 1}}, nil) // [n, out, in2]
	y := graph.ReduceSum(graph.Mul(half, graph.InsertAxes(flat2, 1)), -1)
	dims[len(dims)-1] = l.Out
	return Observed(s, l, scaleAndShift(s, graph.Reshape(y, dims...), nil, l.Bias))
}

// String is the line that PyTorch prints.
func (l *Bilinear) String() string {
	return fmt.Sprintf("Bilinear(in1_features=%d, in2_features=%d, out_features=%d, bias=%s)", l.In1, l.In2, l.Out, pyBool(l.Bias != nil))
}
