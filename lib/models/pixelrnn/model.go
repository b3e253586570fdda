// Package pixelrnn draws pictures pixel by pixel, each from a distribution that LSTMs which go over the picture compute from those before
// it: van den Oord et al., "Pixel recurrent neural networks", 2016.
package pixelrnn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/nn/pixels"
)

// Net is the network of table 1: a large masked convolution, LSTMs with residual connections around them (figure 5, right), two layers more.
type Net struct {
	Input  *nn.MaskedConv `nn:"input"`
	Layers []layer        `nn:"layers"`
	Out1   *nn.MaskedConv `nn:"out1"`
	Out2   *nn.MaskedConv `nn:"out2"`
}

// layer is an LSTM from 2·hidden channels to hidden, and what widens its output again. Its methods are as [pixels.Net]'s: whole for a
// picture that is known, the others for one that is drawn.
type layer interface {
	// whole maps x: [batch, height, width, 2·hidden] to what is added to it.
	whole(s *model.Scope, x *graph.Node) *graph.Node
	top(g *graph.Graph, n, width int) []*graph.Node
	row(s *model.Scope, above []*graph.Node) pixels.Row
	// pixel takes x: [n, 2·hidden]; its Out is what is added to it.
	pixel(s *model.Scope, x *graph.Node, above, left []*graph.Node) pixels.Pixel
}

// NewNet declares the layers.
func NewNet(c Config) (*Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	h := c.Hidden
	n := &Net{Input: masked(c, c.Channels, 2*h, c.Kernel, c.Kernel, nn.MaskA, 1)}
	for range c.Layers {
		if c.Variant == Row {
			n.Layers = append(n.Layers, newRowLSTM(c))
		} else {
			n.Layers = append(n.Layers, newDiagonalLSTM(c))
		}
	}
	n.Out1 = masked(c, 2*h, c.OutHidden, 1, 1, nn.MaskB, 1)
	n.Out2 = masked(c, c.OutHidden, c.Likelihood().Outputs(), 1, 1, nn.MaskB, 1)
	return nn.Name(n), nil
}

func masked(c Config, in, out, height, width int, mask nn.Mask, parts int) *nn.MaskedConv {
	return nn.NewMaskedConv(nn.MaskConfig{In: in, Out: out, Kernel: [2]int{height, width}, Mask: mask, Colours: c.Channels, Parts: parts})
}

// String is the name of the class.
func (n *Net) String() string { return "PixelRNN" }

// Forward gives the outputs of all pixels, [batch, height, width, outputs]; see [pixels.Net].
func (n *Net) Forward(s *model.Scope, x, _ *graph.Node) *graph.Node {
	h := n.Input.Forward(s, x)
	for _, l := range n.Layers {
		h = graph.Add(h, l.whole(s, h))
	}
	return n.Out2.Forward(s, relu(n.Out1.Forward(s, relu(h))))
}

// Reach is how far the first layer sees.
func (n *Net) Reach() int { return n.Input.Weight.Shape[0] / 2 }

// Top is the layers' states above the picture, zeros, one after the other.
func (n *Net) Top(g *graph.Graph, pictures, width int) []*graph.Node {
	var all []*graph.Node
	for _, l := range n.Layers {
		all = append(all, l.top(g, pictures, width)...)
	}
	return all
}

// Row computes what the LSTMs take from the rows above.
func (n *Net) Row(s *model.Scope, x *graph.Node, above []*graph.Node, _ *graph.Node) pixels.Row {
	row := pixels.Row{Above: []*graph.Node{n.Input.Row(s, x)}}
	each := len(above) / len(n.Layers)
	var downs []func([]*graph.Node) []*graph.Node
	for i, l := range n.Layers {
		r := l.row(s, above[i*each:(i+1)*each])
		row.Above, row.Left, downs = append(row.Above, r.Above...), append(row.Left, r.Left...), append(downs, r.Down)
	}
	row.Down = func(kept []*graph.Node) []*graph.Node {
		var next []*graph.Node
		each := len(kept) / len(downs)
		for i, down := range downs {
			next = append(next, down(kept[i*each:(i+1)*each])...)
		}
		return next
	}
	return row
}

// Pixel computes the rest of a pixel.
func (n *Net) Pixel(s *model.Scope, x *graph.Node, above, left []*graph.Node) pixels.Pixel {
	var p pixels.Pixel
	h := graph.Add(n.Input.Pixel(s, x), above[0])
	above = above[1:]
	up, back := len(above)/len(n.Layers), len(left)/len(n.Layers)
	for i, l := range n.Layers {
		made := l.pixel(s, h, above[i*up:(i+1)*up], left[i*back:(i+1)*back])
		h = graph.Add(h, made.Out)
		p.Left, p.Kept = append(p.Left, made.Left...), append(p.Kept, made.Kept...)
	}
	p.Out = one(s, n.Out2, relu(one(s, n.Out1, relu(h))))
	return p
}

// lstm gives the next cell and output from what goes into the gates, in the paper's order: o, f, i, g (equation 3). gates: [..., 4·hidden].
func lstm(gates, cell *graph.Node) (h, next *graph.Node) {
	p := graph.Split(gates, -1, 4)
	o, f, i, g := graph.Sigmoid(p[0]), graph.Sigmoid(p[1]), graph.Sigmoid(p[2]), graph.Tanh(p[3])
	next = graph.Add(graph.Mul(f, cell), graph.Mul(i, g))
	return graph.Mul(o, graph.Tanh(next)), next
}

// taps is a one-dimensional convolution without bias whose places are given one beside the other: x [..., taps·in].
func taps(s *model.Scope, l *nn.Conv, x ...*graph.Node) *graph.Node {
	all := graph.Concatenate(x, -1)
	dims := all.Shape().Clone().Dimensions
	in := dims[len(dims)-1]
	y := graph.Dot(graph.Reshape(all, -1, in), graph.Reshape(l.Weight.Node(s, all.Graph()), in, l.Out)).Product()
	dims[len(dims)-1] = l.Out
	return graph.Reshape(y, dims...)
}

// moved is x one place on along an axis, zeros coming in; less is a place back.
func moved(x *graph.Node, axis, by int) *graph.Node {
	n := x.Shape().Dim(axis)
	before, after := make([]int, axis+1), make([]int, axis+1)
	before[axis], after[axis] = max(by, 0), max(-by, 0)
	from := max(-by, 0)
	return graph.SliceAxis(nn.Pad(x, nn.PadZero, before, after), axis, graph.AxisRange(from, from+n))
}

func relu(x *graph.Node) *graph.Node { return nn.ReLU{}.Forward(nil, x) }

// one is a 1×1 convolution of one pixel, [n, in].
func one(s *model.Scope, l *nn.MaskedConv, x *graph.Node) *graph.Node {
	return l.Pixel(s, graph.InsertAxes(x, 1))
}

func zeros(g *graph.Graph, dims ...int) *graph.Node {
	return graph.Zeros(g, shapes.Make(dtypes.Float32, dims...))
}
