package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Mask says which neighbours of a pixel a [MaskedConv] sees. Pixels come row by row; the values of one pixel come by colour.
type Mask int

// MaskA and MaskB see the rows above, what is left in the pixel's own row, and of the pixel itself the earlier colours; B also the own
// colour (van den Oord et al., "Pixel recurrent neural networks", 2016, section 3.4). The other two see whole rows in all colours: those
// above, and the own one too (the vertical stack of van den Oord et al., "Conditional image generation with PixelCNN decoders", 2016,
// section 2.2).
const (
	MaskA Mask = iota
	MaskB
	MaskAbove
	MaskAboveAndOwn
)

// MaskedConv is a convolution over pictures whose kernel is multiplied by a mask, so that no output sees itself or what comes later. The
// output has the picture's size, with zeros around it. The masked rest of the kernel is kept and never used.
type MaskedConv struct {
	Weight *Param `nn:"weight"` // [height, width, in, out]
	Bias   *Param `nn:"bias"`   // [out]

	layer  *Conv
	config MaskConfig
	// The mask is 0 outside rows up to rows and columns from left up to right.
	rows, left, right int
}

// MaskConfig are the choices of a masked convolution.
type MaskConfig struct {
	In, Out int
	Kernel  [2]int // height and width, both odd
	Mask    Mask
	// Colours share the channels out among them, in blocks: channel c of n is of colour c·Colours/n, rounded down. 0 is 1.
	Colours int
	// Parts that the output is to be split into, such as the halves of a gate, each with blocks of its own; 0 is 1.
	Parts int
}

// NewMaskedConv declares the layer, with PyTorch's initialisation of nn.Conv2d.
func NewMaskedConv(c MaskConfig) *MaskedConv {
	c.Colours, c.Parts = max(c.Colours, 1), max(c.Parts, 1)
	height, width := c.Kernel[0], c.Kernel[1]
	if height < 1 || width < 1 || height%2 == 0 || width%2 == 0 {
		panic(errorf("the kernel of a masked convolution is %dx%d: both must be odd, so that it has a middle", height, width))
	}
	if c.Out < 1 || c.Out%c.Parts != 0 {
		panic(errorf("a masked convolution gives %d channels: it must be a multiple of its %d parts", c.Out, c.Parts))
	}
	l := &MaskedConv{layer: NewConv2d(c.In, c.Out, c.Kernel[:], ConvOptions{Padding: []int{height / 2, width / 2}}), config: c, left: width}
	l.Weight, l.Bias = l.layer.Weight, l.layer.Bias
	for i := range height {
		for j := range width {
			if c.sees(i-height/2, j-width/2, 0, c.colour(c.Out/c.Parts-1)) { // the last colour sees the first, if any sees any
				l.rows, l.left, l.right = max(l.rows, i+1), min(l.left, j), max(l.right, j+1)
			}
		}
	}
	if l.rows == 0 { // nothing is seen: the middle, times 0
		l.rows, l.left, l.right = height/2+1, width/2, width/2+1
	}
	return l
}

// colour is that of an output.
func (c MaskConfig) colour(out int) int {
	each := c.Out / c.Parts
	return out % each * c.Colours / each
}

// values are the mask's, as the weight lies.
func (c MaskConfig) values() []float32 {
	height, width := c.Kernel[0], c.Kernel[1]
	mask := make([]float32, 0, height*width*c.In*c.Out)
	for i := range height {
		for j := range width {
			for in := range c.In {
				for out := range c.Out {
					seen := float32(0)
					if c.sees(i-height/2, j-width/2, in*c.Colours/c.In, c.colour(out)) {
						seen = 1
					}
					mask = append(mask, seen)
				}
			}
		}
	}
	return mask
}

// sees says whether an output of colour out sees colour in of the pixel so many rows below and columns right of its own.
func (c MaskConfig) sees(row, column, in, out int) bool {
	switch {
	case c.Mask == MaskAbove || c.Mask == MaskAboveAndOwn:
		return row < 0 || row == 0 && c.Mask == MaskAboveAndOwn
	case row != 0 || column != 0:
		return row < 0 || row == 0 && column < 0
	}
	return in < out || in == out && c.Mask == MaskB
}

// kernel is the masked weight from row top up to, not including, bottom, and likewise its columns.
func (l *MaskedConv) kernel(s *model.Scope, g *graph.Graph, top, bottom, left, right int) *graph.Node {
	mask := graph.Const(g, tensors.FromFlatDataAndDimensions(l.config.values(), l.Weight.Shape...))
	return graph.Slice(graph.Mul(l.Weight.Node(s, g), mask), graph.AxisRange(top, bottom), graph.AxisRange(left, right))
}

// Forward maps x: [batch, height, width, in] to [batch, height, width, out]. Rows and columns of the kernel that the mask leaves nothing
// of are left out: more than half of the work.
func (l *MaskedConv) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	l.check(x, 4)
	middle := [2]int{l.Weight.Shape[0] / 2, l.Weight.Shape[1] / 2}
	last := l.right - 1 - middle[1] // how far right of its own pixel the kernel sees
	y := Pad(x, PadZero, []int{0, middle[0], middle[1] - l.left}, []int{0, 0, max(last, 0)})
	for axis, size := range [2]int{l.rows, l.right - l.left} {
		y = cropAxis(y, axis+1, 0, x.Shape().Dim(axis+1)+size-1)
	}
	y = Convolve(y, l.kernel(s, x.Graph(), 0, l.rows, l.left, l.right), ConvOptions{})
	return Observed(s, l, graph.Add(y, l.bias(s, y)))
}

// Row is what the first rows of the kernel add to the outputs of one row, without the bias. x: [batch, rows, width, in], the rows from the
// kernel's first on; result: [batch, width, out].
func (l *MaskedConv) Row(s *model.Scope, x *graph.Node) *graph.Node {
	l.check(x, 4)
	width := l.Weight.Shape[1]
	x = Pad(x, PadZero, []int{0, 0, width / 2}, []int{0, 0, width / 2})
	return graph.Squeeze(Convolve(x, l.kernel(s, x.Graph(), 0, x.Shape().Dim(1), 0, width), ConvOptions{}), 1)
}

// Pixel is what the kernel's middle row adds to one pixel's output, and the bias. x: [batch, columns, in], the pixels of the row as far
// back as the kernel reaches, the pixel itself last; result: [batch, out].
func (l *MaskedConv) Pixel(s *model.Scope, x *graph.Node) *graph.Node {
	l.check(x, 3)
	middle, columns := l.Weight.Shape[0]/2, l.Weight.Shape[1]/2+1
	k := l.kernel(s, x.Graph(), middle, middle+1, 0, columns)
	y := graph.Dot(graph.Reshape(x, x.Shape().Dim(0), -1), graph.Reshape(k, -1, l.layer.Out)).Product()
	return graph.Add(y, l.bias(s, y))
}

func (l *MaskedConv) bias(s *model.Scope, y *graph.Node) *graph.Node {
	return graph.ExpandLeftToRank(l.Bias.Node(s, y.Graph()), y.Rank())
}

func (l *MaskedConv) check(x *graph.Node, rank int) {
	if x.Rank() != rank || x.Shape().Dim(-1) != l.layer.In {
		panic(errorf("masked convolution %q takes %d axes, the last of %d channels, was given %s", l.Weight.path, rank, l.layer.In, x.Shape()))
	}
}

// String is the line that PyTorch prints for a class of that name made from nn.Conv2d.
func (l *MaskedConv) String() string { return fmt.Sprintf("Masked%s", l.layer) }
