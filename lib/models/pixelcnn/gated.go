package pixelcnn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/nn/pixels"
)

// Gated is the network of the second paper: the vertical stack sees all rows above, the horizontal one the pixel's own row and, through
// the vertical one, what is above. Together they see all that comes before, without the blind spot of [Plain].
type Gated struct {
	Layers []*gatedLayer  `nn:"layers"`
	Out1   *nn.MaskedConv `nn:"out1"`
	Out2   *nn.MaskedConv `nn:"out2"`
}

// gatedLayer is figure 2 of the paper. The kernels of the vertical stack end with the own row, but for the first layer's, which ends
// above it: so no rows need to be moved down on the way to the horizontal stack.
type gatedLayer struct {
	Vertical   *nn.MaskedConv `nn:"vertical"`
	ToH        *nn.Conv       `nn:"v_to_h"`
	Horizontal *nn.MaskedConv `nn:"horizontal"`
	Out        *nn.MaskedConv `nn:"h_out"`
	ClassV     *nn.Embedding  `nn:"class_v"` // nil without classes
	ClassH     *nn.Embedding  `nn:"class_h"`
}

// String is the name of the class.
func (*gatedLayer) String() string { return "GatedLayer" }

func newGated(c Config) *Gated {
	colours, h := c.Likelihood().Colours(), c.Hidden
	n := &Gated{}
	for i := range c.Layers {
		in, kernel, vertical, horizontal := h, c.InnerKernel, nn.MaskAboveAndOwn, nn.MaskB
		if i == 0 {
			in, kernel, vertical, horizontal = c.Channels, c.Kernel, nn.MaskAbove, nn.MaskA
		}
		l := &gatedLayer{
			Vertical:   nn.NewMaskedConv(nn.MaskConfig{In: in, Out: 2 * h, Kernel: [2]int{kernel, kernel}, Mask: vertical}),
			ToH:        nn.NewConv2d(2*h, 2*h, []int{1}, nn.ConvOptions{}),
			Horizontal: nn.NewMaskedConv(nn.MaskConfig{In: in, Out: 2 * h, Kernel: [2]int{1, kernel}, Mask: horizontal, Colours: colours, Parts: 2}),
			Out:        nn.NewMaskedConv(nn.MaskConfig{In: h, Out: h, Kernel: [2]int{1, 1}, Mask: nn.MaskB, Colours: colours}),
		}
		if c.Classes > 0 {
			l.ClassV, l.ClassH = nn.NewEmbedding(c.Classes, 2*h), nn.NewEmbedding(c.Classes, 2*h)
		}
		n.Layers = append(n.Layers, l)
	}
	n.Out1 = nn.NewMaskedConv(nn.MaskConfig{In: h, Out: c.OutHidden, Kernel: [2]int{1, 1}, Mask: nn.MaskB, Colours: colours})
	n.Out2 = nn.NewMaskedConv(nn.MaskConfig{In: c.OutHidden, Out: c.Likelihood().Outputs(), Kernel: [2]int{1, 1}, Mask: nn.MaskB, Colours: colours})
	return nn.Name(n)
}

// String is the name of the class.
func (n *Gated) String() string { return "GatedPixelCNN" }

// Forward gives the outputs of all pixels, [batch, height, width, outputs]; see [pixels.Net].
func (n *Gated) Forward(s *model.Scope, x, class *graph.Node) *graph.Node {
	v, h := x, x
	for i, l := range n.Layers {
		down := l.Vertical.Forward(s, v)
		right := graph.Add(l.Horizontal.Forward(s, h), l.ToH.Forward(s, down))
		v = gate(withClass(s, l.ClassV, down, class))
		out := l.Out.Forward(s, gate(withClass(s, l.ClassH, right, class)))
		if i > 0 {
			out = graph.Add(out, h)
		}
		h = out
	}
	return n.Out2.Forward(s, relu(n.Out1.Forward(s, relu(h))))
}

// gate is tanh of the first half of the channels times the sigmoid of the second (equation 2).
func gate(x *graph.Node) *graph.Node {
	half := graph.Split(x, -1, 2)
	return graph.Mul(graph.Tanh(half[0]), graph.Sigmoid(half[1]))
}

// withClass adds to all places what a class, [batch], says (equation 4). x: [batch, ..., channels].
func withClass(s *model.Scope, e *nn.Embedding, x, class *graph.Node) *graph.Node {
	if e == nil {
		return x
	}
	dims := make([]int, x.Rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[0], dims[x.Rank()-1] = x.Shape().Dim(0), x.Shape().Dim(-1)
	return graph.Add(x, graph.Reshape(e.Forward(s, class), dims...))
}

// Reach is how far the first layer sees.
func (n *Gated) Reach() int { return n.Layers[0].Vertical.Weight.Shape[0] / 2 }

// Top has, for each layer after the first, the rows of the vertical stack that it sees above its own.
func (n *Gated) Top(g *graph.Graph, pictures, width int) []*graph.Node {
	var rows []*graph.Node
	for _, l := range n.Layers[1:] {
		k := l.Vertical.Weight.Shape
		rows = append(rows, zeros(g, pictures, k[0]/2, width, k[2]))
	}
	return rows
}

// Row computes the vertical stack.
func (n *Gated) Row(s *model.Scope, x *graph.Node, above []*graph.Node, class *graph.Node) pixels.Row {
	var row pixels.Row
	var next []*graph.Node
	seen := x // the rows that a layer sees
	for i, l := range n.Layers {
		down := graph.Add(l.Vertical.Row(s, seen), graph.ExpandLeftToRank(l.Vertical.Bias.Node(s, x.Graph()), 3))
		toH := graph.Squeeze(l.ToH.Forward(s, graph.InsertAxes(down, 1)), 1)
		row.Above = append(row.Above, withClass(s, l.ClassH, toH, class))
		if i > 0 {
			k := l.Horizontal.Weight.Shape
			row.Left = append(row.Left, zeros(x.Graph(), x.Shape().Dim(0), k[1]/2, k[2]))
		}
		if i+1 < len(n.Layers) {
			v := gate(withClass(s, l.ClassV, down, class))
			seen = pixels.Append(above[i], v)
			next = append(next, pixels.Rest(seen))
		}
	}
	row.Down = func([]*graph.Node) []*graph.Node { return next }
	return row
}

// Pixel computes the horizontal stack.
func (n *Gated) Pixel(s *model.Scope, x *graph.Node, above, left []*graph.Node) pixels.Pixel {
	var p pixels.Pixel
	var h *graph.Node
	for i, l := range n.Layers {
		seen := x
		if i > 0 {
			seen = pixels.Append(left[i-1], h)
			p.Left = append(p.Left, pixels.Rest(seen))
		}
		out := one(s, l.Out, gate(graph.Add(l.Horizontal.Pixel(s, seen), above[i])))
		if i > 0 {
			out = graph.Add(out, h)
		}
		h = out
	}
	p.Out = one(s, n.Out2, relu(one(s, n.Out1, relu(h))))
	return p
}
