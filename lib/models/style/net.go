// Package style paints pictures in the style of others: by an optimisation over a picture that a VGG looks at (Gatys et al.), by a network
// that has learned one style (Johnson et al.), and by one that takes any (Huang & Belongie). DeepArt, which the article counts among GANs,
// is the first of the three: nothing in it is adversarial.
package style

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Net paints in the one style that it learned, in one pass: Johnson et al.'s network with instance norms (Ulyanov, Vedaldi & Lempitsky,
// "Instance normalization: the missing ingredient for fast stylization", 2016), as PyTorch's examples have it (fast_neural_style), whose
// names its parameters have.
type Net struct {
	down   [3]*padded
	downIn [3]*nn.InstanceNorm
	blocks []*block
	up     [3]*padded
	upIn   [2]*nn.InstanceNorm
}

// padded is a convolution whose padding mirrors the picture, of one enlarged before where factor isn't 1.
type padded struct {
	Conv *nn.Conv `nn:"conv2d"`

	reach, factor int
}

func newPadded(in, out, kernel, stride, factor int) *padded {
	return &padded{nn.NewConv2d(in, out, []int{kernel}, nn.ConvOptions{Stride: []int{stride}}), kernel / 2, factor}
}

func (l *padded) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if l.factor > 1 {
		x = nn.UpsampleBy(l.factor).Forward(s, x)
	}
	around := []int{0, l.reach, l.reach}
	return l.Conv.Forward(s, nn.Pad(x, nn.PadReflect, around, around))
}

// block adds what two convolutions make of a picture to it.
type block struct {
	Conv1 *padded          `nn:"conv1"`
	In1   *nn.InstanceNorm `nn:"in1"`
	Conv2 *padded          `nn:"conv2"`
	In2   *nn.InstanceNorm `nn:"in2"`
}

func (l *block) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	y := nn.ReLU{}.Forward(s, l.In1.Forward(s, l.Conv1.Forward(s, x)))
	return graph.Add(l.In2.Forward(s, l.Conv2.Forward(s, y)), x)
}

// NewNet declares the layers.
func NewNet(c NetConfig) (*Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	norm := func(features int) *nn.InstanceNorm { return nn.NewInstanceNorm2d(features).WithAffine() }
	w := c.Widths
	n := &Net{
		down:   [3]*padded{newPadded(3, w[0], 9, 1, 1), newPadded(w[0], w[1], 3, 2, 1), newPadded(w[1], w[2], 3, 2, 1)},
		downIn: [3]*nn.InstanceNorm{norm(w[0]), norm(w[1]), norm(w[2])},
		up:     [3]*padded{newPadded(w[2], w[1], 3, 1, 2), newPadded(w[1], w[0], 3, 1, 2), newPadded(w[0], 3, 9, 1, 1)},
		upIn:   [2]*nn.InstanceNorm{norm(w[1]), norm(w[0])},
	}
	// PyTorch's example begins with a black picture and learns for an epoch to leave it. Here the first is grey, with some contrast.
	last := n.up[2].Conv
	bound := 32 / math.Sqrt(float64(81*w[0]))
	last.Weight.Init, last.Bias.Init = nn.UniformInit(bound), nn.ConstInit(127.5)
	for range c.Blocks {
		n.blocks = append(n.blocks, &block{newPadded(w[2], w[2], 3, 1, 1), norm(w[2]), newPadded(w[2], w[2], 3, 1, 1), norm(w[2])})
	}
	return nn.Name(n), nil
}

// Children lists the layers by the names of PyTorch's example.
func (n *Net) Children() []nn.Child {
	var list []nn.Child
	for i := range n.down {
		list = append(list, nn.Child{Name: fmt.Sprintf("conv%d", i+1), Part: n.down[i]}, nn.Child{Name: fmt.Sprintf("in%d", i+1), Part: n.downIn[i]})
	}
	for i, b := range n.blocks {
		list = append(list, nn.Child{Name: fmt.Sprintf("res%d", i+1), Part: b})
	}
	for i := range n.up {
		list = append(list, nn.Child{Name: fmt.Sprintf("deconv%d", i+1), Part: n.up[i]})
		if i < len(n.upIn) {
			list = append(list, nn.Child{Name: fmt.Sprintf("in%d", i+4), Part: n.upIn[i]})
		}
	}
	return list
}

// String is the name of the example's class.
func (n *Net) String() string { return "TransformerNet" }

// Forward paints pictures. x: [batch, height, width, 3] in [0, 255], height and width multiples of 4 (or the result is a little larger); the
// result is about in [0, 255], too.
func (n *Net) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() != 4 || x.Shape().Dim(3) != 3 {
		panic(fmt.Errorf("style: the network takes pictures [batch, height, width, 3], was given %s", x.Shape()))
	}
	for i, conv := range n.down {
		x = nn.ReLU{}.Forward(s, n.downIn[i].Forward(s, conv.Forward(s, x)))
	}
	for _, b := range n.blocks {
		x = b.Forward(s, x)
	}
	for i, norm := range n.upIn {
		x = nn.ReLU{}.Forward(s, norm.Forward(s, n.up[i].Forward(s, x)))
	}
	return n.up[2].Forward(s, x)
}
