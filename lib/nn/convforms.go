package nn

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// The forms here turn a convolution into matrix products, which XLA does several times faster on a CPU than the dilated convolutions
// that gradients of strided ones are. They take one group; columns takes a stride of 1, which spaceToDepth brings about.

// spaceToDepth makes a strided convolution one of stride 1, over blocks of stride × stride values as channels: a 4×4 kernel of
// stride 2 becomes 2×2 over four times the channels.
type spaceToDepth struct{ inner convForm }

// folded is the geometry of the inner convolution. Its input is a whole number of blocks, padding included.
func (spaceToDepth) folded(c *conv) *conv {
	f := &conv{out: c.out, groups: 1}
	for i, s := range c.stride {
		k := (c.kernel[i] + s - 1) / s
		f.kernel, f.in = append(f.kernel, k), append(f.in, c.out[i]+k-1)
		f.stride, f.pad, f.dilation = append(f.stride, 1), append(f.pad, 0), append(f.dilation, 1)
	}
	return f
}

func (f spaceToDepth) forward(c *conv, x, k *graph.Node) *graph.Node {
	return f.inner.forward(f.folded(c), f.fold(c, x), f.foldKernel(c, k))
}

func (f spaceToDepth) inputGrad(c *conv, y, k *graph.Node) *graph.Node {
	channels := k.Shape().Dim(-2)
	x := f.inner.inputGrad(f.folded(c), y, f.foldKernel(c, k))
	// [batch, blocks..., strides..., channels] to [batch, blocks·stride..., channels]
	n := len(c.in)
	dims := []int{x.Shape().Dim(0)}
	split, order := slices.Clone(x.Shape().Dimensions[:n+1]), []int{0}
	for i, s := range c.stride {
		split, order = append(split, s), append(order, i+1, n+i+1)
		dims = append(dims, x.Shape().Dim(i+1)*s)
	}
	x = graph.TransposeAllAxes(graph.Reshape(x, append(split, channels)...), append(order, 2*n+1)...)
	x = graph.Reshape(x, append(dims, channels)...)
	before, size := make([]int, n+2), slices.Clone(x.Shape().Dimensions)
	for i := range n {
		before[i+1], size[i+1] = c.pad[i], c.in[i]
	}
	return window(x, before, size)
}

func (f spaceToDepth) kernelGrad(c *conv, x, y *graph.Node) *graph.Node {
	k := f.inner.kernelGrad(f.folded(c), f.fold(c, x), y)
	// [blocks..., strides..., channels, filters] to [blocks·stride..., channels, filters]
	n := len(c.in)
	split, order, dims := slices.Clone(k.Shape().Dimensions[:n]), []int{}, []int{}
	for i, s := range c.stride {
		split, order = append(split, s), append(order, i, n+i)
		dims = append(dims, k.Shape().Dim(i)*s)
	}
	channels, filters := x.Shape().Dim(-1), y.Shape().Dim(-1)
	k = graph.TransposeAllAxes(graph.Reshape(k, append(split, channels, filters)...), append(order, 2*n, 2*n+1)...)
	k = graph.Reshape(k, append(dims, channels, filters)...)
	return part(k, make([]int, n+2), append(slices.Clone(c.kernel), channels, filters))
}

// fold makes x: [batch, in..., channels] into [batch, blocks..., strides·channels], padding put on.
func (f spaceToDepth) fold(c *conv, x *graph.Node) *graph.Node {
	n := len(c.in)
	blocks := f.folded(c).in
	start, size := make([]int, n+2), slices.Clone(x.Shape().Dimensions)
	dims, split, order, strides := []int{size[0]}, []int{size[0]}, []int{0}, []int{}
	channels := size[n+1]
	for i, s := range c.stride {
		start[i+1], size[i+1] = -c.pad[i], blocks[i]*s
		dims, split = append(dims, blocks[i]), append(split, blocks[i], s)
		order, strides = append(order, 2*i+1), append(strides, 2*i+2)
		channels *= s
	}
	x = window(x, start, size)
	x = graph.TransposeAllAxes(graph.Reshape(x, append(split, size[n+1])...), append(append(order, strides...), 2*n+1)...)
	return graph.Reshape(x, append(dims, channels)...)
}

// foldKernel makes k: [kernel..., channels, filters] into [blocks..., strides·channels, filters].
func (f spaceToDepth) foldKernel(c *conv, k *graph.Node) *graph.Node {
	n := len(c.in)
	blocks := f.folded(c).kernel
	size := slices.Clone(k.Shape().Dimensions)
	dims, split, order, strides := []int{}, []int{}, []int{}, []int{}
	channels := size[n]
	for i, s := range c.stride {
		size[i] = blocks[i] * s
		dims, split = append(dims, blocks[i]), append(split, blocks[i], s)
		order, strides = append(order, 2*i), append(strides, 2*i+1)
		channels *= s
	}
	k = window(k, make([]int, n+2), size)
	k = graph.TransposeAllAxes(graph.Reshape(k, append(split, size[n:]...)...), append(append(order, strides...), 2*n, 2*n+1)...)
	return graph.Reshape(k, append(dims, channels, size[n+1])...)
}

// columns is one matrix product with all that each output sees laid out in a row (im2col).
type columns struct{}

func (columns) forward(c *conv, x, k *graph.Node) *graph.Node {
	y := graph.Dot(c.columns(x), matrix(k)).Product()
	return graph.Reshape(y, append(append([]int{x.Shape().Dim(0)}, c.out...), k.Shape().Dim(-1))...)
}

func (columns) inputGrad(c *conv, y, k *graph.Node) *graph.Node {
	channels := k.Shape().Dim(-2)
	cols := graph.EinsumAxes(matrix(y), matrix(k), [][2]int{{1, 1}}, nil)
	if c.whole() {
		return graph.Reshape(cols, append(append([]int{y.Shape().Dim(0)}, c.in...), channels)...)
	}
	offsets := c.offsets()
	cols = graph.Reshape(cols, append(append([]int{y.Shape().Dim(0)}, c.out...), len(offsets)*channels)...)
	parts := make([]*graph.Node, len(offsets))
	for i := range parts {
		parts[i] = graph.SliceAxis(cols, -1, graph.AxisRange(i*channels, (i+1)*channels))
	}
	return c.scattered(parts, offsets)
}

func (columns) kernelGrad(c *conv, x, y *graph.Node) *graph.Node {
	k := graph.EinsumAxes(c.columns(x), matrix(y), [][2]int{{0, 0}}, nil)
	return graph.Reshape(k, append(slices.Clone(c.kernel), x.Shape().Dim(-1), y.Shape().Dim(-1))...)
}

// offsets are the kernel's places, the last axis running fastest.
func (c *conv) offsets() [][]int {
	list := [][]int{nil}
	for i, k := range c.kernel {
		var longer [][]int
		for _, offset := range list {
			for j := range k {
				longer = append(longer, append(slices.Clone(offset), j*c.dilation[i]))
			}
		}
		list = longer
	}
	return list
}

// shifted is what the kernel's value at offset meets: [batch, out..., channels].
func (c *conv) shifted(x *graph.Node, offset []int) *graph.Node {
	start, size := make([]int, x.Rank()), slices.Clone(x.Shape().Dimensions)
	for i := range offset {
		start[i+1], size[i+1] = offset[i]-c.pad[i], c.out[i]
	}
	return window(x, start, size)
}

// columns is x: [batch, in..., channels] as [batch·out, kernel·channels].
func (c *conv) columns(x *graph.Node) *graph.Node {
	if c.whole() {
		return graph.Reshape(x, x.Shape().Dim(0), -1)
	}
	var parts []*graph.Node
	for _, offset := range c.offsets() {
		parts = append(parts, c.shifted(x, offset))
	}
	return matrix(graph.Concatenate(parts, -1))
}

// scattered adds up parts: [batch, out..., channels], each at its offset of [batch, in..., channels].
func (c *conv) scattered(parts []*graph.Node, offsets [][]int) *graph.Node {
	var x *graph.Node
	for i, p := range parts {
		start, size := make([]int, p.Rank()), slices.Clone(p.Shape().Dimensions)
		for axis := range c.in {
			start[axis+1], size[axis+1] = c.pad[axis]-offsets[i][axis], c.in[axis]
		}
		p = window(p, start, size)
		if x == nil {
			x = p
		} else {
			x = graph.Add(x, p)
		}
	}
	return x
}

// matrix folds all axes but the last.
func matrix(x *graph.Node) *graph.Node { return graph.Reshape(x, -1, x.Shape().Dim(-1)) }

// window is the part of x from start of the given size, with zeros where it reaches outside, and no gradient of ours.
func window(x *graph.Node, start, size []int) *graph.Node {
	inStart, inSize := make([]int, len(size)), make([]int, len(size))
	pads := make([]graph.PadAxis, len(size))
	for i, d := range x.Shape().Dimensions {
		from, to := max(start[i], 0), min(start[i]+size[i], d)
		if from >= to { // nothing but zeros
			dims := slices.Clone(size)
			return graph.BroadcastToDims(graph.ScalarZero(x.Graph(), x.DType()), dims...)
		}
		inStart[i], inSize[i] = from, to-from
		pads[i] = graph.PadAxis{Start: from - start[i], End: start[i] + size[i] - to}
	}
	x = part(x, inStart, inSize)
	if slices.Equal(size, inSize) {
		return x
	}
	return graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), pads...)
}
