package dalle

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// sequence is PyTorch's nn.Sequential whose parts have names.
type sequence []part

type part struct {
	name  string
	layer nn.Layer
}

// Children are the parts, as [nn.Lister] wants them.
func (q sequence) Children() []nn.Child {
	list := make([]nn.Child, len(q))
	for i, p := range q {
		list[i] = nn.Child{Name: p.name, Part: p.layer}
	}
	return list
}

// Forward applies the parts in their order.
func (q sequence) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	for _, p := range q {
		x = p.layer.Forward(s, x)
	}
	return x
}

// String is PyTorch's name of the class.
func (sequence) String() string { return "Sequential" }

// conv is a convolution that keeps height and width, under the names of openai/DALL-E (utils.py).
type conv struct {
	Weight *nn.Param `nn:"w"` // [kernel, kernel, in, out]
	Bias   *nn.Param `nn:"b"`
}

func newConv(in, out, kernel int) *conv {
	return &conv{
		Weight: &nn.Param{
			Shape: []int{kernel, kernel, in, out}, Perm: []int{3, 2, 0, 1},
			Init: nn.NormalInit(0, 1/math.Sqrt(float64(in*kernel*kernel))),
		},
		Bias: &nn.Param{Shape: []int{out}},
	}
}

// Forward maps x: [batch, height, width, in] to [batch, height, width, out].
func (c *conv) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	y := nn.Convolve(x, c.Weight.Node(s, x.Graph()), nn.ConvOptions{Padding: []int{c.Weight.Shape[0] / 2}})
	return nn.Observed(s, c, graph.Add(y, graph.ExpandLeftToRank(c.Bias.Node(s, x.Graph()), 4)))
}

// String is the line that PyTorch prints.
func (*conv) String() string { return "Conv2d()" }

// block adds four convolutions to what it is given. gain is small in deep networks, so that their first outputs stay of one size.
type block struct {
	Direct   nn.Layer `nn:"id_path"`
	Residual nn.Layer `nn:"res_path"`

	gain  float64
	class string
}

// newBlock has kernels as given: an encoder's narrow last, a decoder's first.
func newBlock(class string, in, out int, kernels [4]int, gain float64) *block {
	inner := out / 4
	b := &block{Direct: nn.Identity{}, gain: gain, class: class, Residual: sequence{
		{"relu_1", nn.ReLU{}}, {"conv_1", newConv(in, inner, kernels[0])},
		{"relu_2", nn.ReLU{}}, {"conv_2", newConv(inner, inner, kernels[1])},
		{"relu_3", nn.ReLU{}}, {"conv_3", newConv(inner, inner, kernels[2])},
		{"relu_4", nn.ReLU{}}, {"conv_4", newConv(inner, out, kernels[3])},
	}}
	if in != out {
		b.Direct = newConv(in, out, 1)
	}
	return b
}

// Forward maps x: [batch, height, width, in] to [batch, height, width, out].
func (b *block) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	return graph.Add(b.Direct.Forward(s, x), graph.MulScalar(b.Residual.Forward(s, x), b.gain))
}

// String is the class of openai/DALL-E.
func (b *block) String() string { return b.class }
