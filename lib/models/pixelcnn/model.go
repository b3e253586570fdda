// Package pixelcnn draws pictures pixel by pixel, each from a distribution that a convolutional network computes from those before it: van
// den Oord et al., "Pixel recurrent neural networks", 2016 (the masked convolutions of section 3.4), and "Conditional image generation with
// PixelCNN decoders", 2016 (the gated layers in two stacks).
package pixelcnn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/nn/pixels"
)

// NewNet declares the layers of a [Plain] or a [Gated] network.
func NewNet(c Config) (pixels.Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Gated {
		return newGated(c), nil
	}
	return newPlain(c), nil
}

// Plain is the network of the first paper (table 1): a large masked convolution, residual blocks, two layers more.
type Plain struct {
	Input  *nn.MaskedConv `nn:"input"`
	Blocks []block        `nn:"blocks"`
	Out1   *nn.MaskedConv `nn:"out1"`
	Out2   *nn.MaskedConv `nn:"out2"`
}

// block narrows 2·hidden channels to hidden, looks around, and widens them again (figure 5, left).
type block []*nn.MaskedConv

// String is the name of the class.
func (block) String() string { return "ModuleList" }

func newPlain(c Config) *Plain {
	colours := c.Likelihood().Colours()
	masked := func(in, out, kernel int, mask nn.Mask) *nn.MaskedConv {
		return nn.NewMaskedConv(nn.MaskConfig{In: in, Out: out, Kernel: [2]int{kernel, kernel}, Mask: mask, Colours: colours})
	}
	h := c.Hidden
	n := &Plain{Input: masked(c.Channels, 2*h, c.Kernel, nn.MaskA)}
	for range c.Layers {
		n.Blocks = append(n.Blocks, block{masked(2*h, h, 1, nn.MaskB), masked(h, h, 3, nn.MaskB), masked(h, 2*h, 1, nn.MaskB)})
	}
	n.Out1, n.Out2 = masked(2*h, c.OutHidden, 1, nn.MaskB), masked(c.OutHidden, c.Likelihood().Outputs(), 1, nn.MaskB)
	return nn.Name(n)
}

// String is the name of the class.
func (n *Plain) String() string { return "PixelCNN" }

// Forward gives the outputs of all pixels, [batch, height, width, outputs]; see [pixels.Net].
func (n *Plain) Forward(s *model.Scope, x, _ *graph.Node) *graph.Node {
	h := n.Input.Forward(s, x)
	for _, b := range n.Blocks {
		inner := relu(b[0].Forward(s, relu(h)))
		h = graph.Add(h, b[2].Forward(s, relu(b[1].Forward(s, inner))))
	}
	return n.Out2.Forward(s, relu(n.Out1.Forward(s, relu(h))))
}

// Reach is how far the first layer sees.
func (n *Plain) Reach() int { return n.Input.Weight.Shape[0] / 2 }

// Top has, for each block, the row above that its inner layer sees.
func (n *Plain) Top(g *graph.Graph, pictures, width int) []*graph.Node {
	var rows []*graph.Node
	for _, b := range n.Blocks {
		rows = append(rows, zeros(g, pictures, 1, width, b[1].Weight.Shape[2]))
	}
	return rows
}

// Row computes what each convolution takes from the rows above.
func (n *Plain) Row(s *model.Scope, x *graph.Node, above []*graph.Node, _ *graph.Node) pixels.Row {
	row := pixels.Row{Above: []*graph.Node{n.Input.Row(s, x)}}
	for i, b := range n.Blocks {
		row.Above = append(row.Above, b[1].Row(s, above[i]))
		row.Left = append(row.Left, zeros(x.Graph(), x.Shape().Dim(0), 1, b[1].Weight.Shape[2]))
	}
	row.Down = func(kept []*graph.Node) []*graph.Node {
		for i, k := range kept {
			kept[i] = graph.InsertAxes(k, 1)
		}
		return kept
	}
	return row
}

// Pixel computes the rest of a pixel.
func (n *Plain) Pixel(s *model.Scope, x *graph.Node, above, left []*graph.Node) pixels.Pixel {
	var p pixels.Pixel
	h := graph.Add(n.Input.Pixel(s, x), above[0])
	for i, b := range n.Blocks {
		inner := relu(one(s, b[0], relu(h)))
		seen := pixels.Append(left[i], inner)
		around := graph.Add(b[1].Pixel(s, seen), above[1+i])
		h = graph.Add(h, one(s, b[2], relu(around)))
		p.Left, p.Kept = append(p.Left, pixels.Rest(seen)), append(p.Kept, inner)
	}
	p.Out = one(s, n.Out2, relu(one(s, n.Out1, relu(h))))
	return p
}

func relu(x *graph.Node) *graph.Node { return nn.ReLU{}.Forward(nil, x) }

// one is a 1×1 convolution of one pixel, [n, in].
func one(s *model.Scope, l *nn.MaskedConv, x *graph.Node) *graph.Node {
	return l.Pixel(s, graph.InsertAxes(x, 1))
}

func zeros(g *graph.Graph, dims ...int) *graph.Node {
	return graph.Zeros(g, shapes.Make(dtypes.Float32, dims...))
}
