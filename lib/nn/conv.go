package nn

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
)

// ConvOptions are the options of a convolution, PyTorch's, with its defaults. A list has one value for every spatial axis, or one
// for each.
type ConvOptions struct {
	Stride        []int // 1
	Padding       []int // 0, on both sides
	OutputPadding []int // 0, for a transposed convolution only: extra size at the end
	Dilation      []int // 1
	Groups        int   // 1
	NoBias        bool  // for layers

	// Same is PyTorch's padding='same': as many outputs as inputs, at a stride of 1.
	Same bool
	// Causal pads the beginning alone, so that no output sees a later input and there are as many outputs as inputs, at a stride of 1
	// (van den Oord et al., "WaveNet", 2016, section 2.1). PyTorch has no such option.
	Causal bool
	// PadMode is what the padding holds, PyTorch's padding_mode; "" is zeros, which a transposed convolution always has.
	PadMode PadMode
}

// Convolve is the cross-correlation of x with a kernel, F.conv1d, F.conv2d and F.conv3d.
// x: [batch, spatial..., in], kernel: [spatial..., in/groups, out], result: [batch, spatial..., out].
func Convolve(x, kernel *graph.Node, o ConvOptions) *graph.Node {
	x, o = o.pad(x, kernel)
	c := newConv(x, kernel, o)
	c.in = spatial(x)
	if in, want := x.Shape().Dim(-1), c.groups*kernel.Shape().Dim(-2); in != want || kernel.Shape().Dim(-1)%c.groups != 0 {
		panic(errorf("a convolution in %d groups with kernel %s takes %d channels and gives a multiple of %d, was given x %s", c.groups, kernel.Shape(), want, c.groups, x.Shape()))
	}
	for i := range c.in {
		room := c.in[i] + 2*c.pad[i] - c.extent(i)
		if room < 0 {
			panic(errorf("a convolution's kernel reaches over %d values of axis %d, x %s with padding %d has %d", c.extent(i), i+1, x.Shape(), c.pad[i], c.in[i]+2*c.pad[i]))
		}
		c.out = append(c.out, room/c.stride[i]+1)
	}
	if isEmpty(x) {
		return emptyLike(x, slices.Concat(x.Shape().Dimensions[:1], c.out, []int{c.filters})...)
	}
	return c.forward(x, kernel)
}

// ConvTranspose is the gradient of [Convolve] with respect to its input, as a layer: F.conv_transpose1d to 3d.
// x: [batch, spatial..., in], kernel: [spatial..., out/groups, in], result: [batch, spatial..., out].
func ConvTranspose(x, kernel *graph.Node, o ConvOptions) *graph.Node {
	if o.Same || o.Causal || o.PadMode != "" && o.PadMode != PadZero {
		panic(errorf("a transposed convolution pads by numbers and with zeros alone, was given %+v", o))
	}
	c := newConv(x, kernel, o)
	c.out = spatial(x)
	if in, want := x.Shape().Dim(-1), kernel.Shape().Dim(-1); in != want || in%c.groups != 0 {
		panic(errorf("a transposed convolution in %d groups with kernel %s takes %d channels, was given x %s", c.groups, kernel.Shape(), want, x.Shape()))
	}
	extra := perAxis("output padding", o.OutputPadding, len(c.out), 0, 0)
	for i := range c.out {
		if extra[i] >= max(c.stride[i], c.dilation[i]) {
			panic(errorf("output padding %d of a transposed convolution must be less than its stride %d or its dilation %d", extra[i], c.stride[i], c.dilation[i]))
		}
		size := (c.out[i]-1)*c.stride[i] - 2*c.pad[i] + c.extent(i) + extra[i]
		if size < 1 {
			panic(errorf("a transposed convolution with padding %d leaves nothing of axis %d of x %s", c.pad[i], i+1, x.Shape()))
		}
		c.in = append(c.in, size)
	}
	if isEmpty(x) {
		return emptyLike(x, slices.Concat(x.Shape().Dimensions[:1], c.in, []int{c.channels})...)
	}
	return c.inputGrad(x, kernel)
}

// pad puts around x what the options want and a convolution can't do by itself, and leaves the rest to it.
func (o ConvOptions) pad(x, kernel *graph.Node) (*graph.Node, ConvOptions) {
	mode := o.PadMode
	if mode == "" {
		mode = PadZero
	}
	if !o.Same && !o.Causal && mode == PadZero || isEmpty(x) && !o.Same && !o.Causal {
		return x, o
	}
	n := max(x.Rank()-2, 0)
	if o.Same && o.Causal || (o.Same || o.Causal) && (len(o.Padding) > 0 || slices.ContainsFunc(o.Stride, func(s int) bool { return s != 1 })) {
		panic(errorf("a convolution that pads by Same or Causal takes one of them, no padding and a stride of 1, was given %+v", o))
	}
	before, after := make([]int, n+1), make([]int, n+1)
	dilation, padding := perAxis("dilation", o.Dilation, n, 1, 1), perAxis("padding", o.Padding, n, 0, 0)
	for i := range n {
		reach := (kernel.Shape().Dim(i) - 1) * dilation[i]
		switch {
		case o.Same:
			before[i+1], after[i+1] = reach/2, reach-reach/2
		case o.Causal:
			before[i+1] = reach
		default:
			before[i+1], after[i+1] = padding[i], padding[i]
		}
	}
	o.Same, o.Causal, o.PadMode, o.Padding = false, false, "", nil
	if mode == PadZero && slices.Equal(before, after) {
		o.Padding = before[1:]
		return x, o
	}
	return Pad(x, mode, before, after), o
}

// conv is a convolution's geometry. With it come three functions, linear in both arguments; each is the gradient of the other two,
// so that derivatives of any order are right:
//
//	y = forward(x, k)    x = inputGrad(y, k)    k = kernelGrad(x, y)
//
// x: [batch, in..., channels], k: [kernel..., channels/groups, filters], y: [batch, out..., filters].
type conv struct {
	in, kernel, out       []int // spatial sizes of x, k and y
	stride, pad, dilation []int
	channels, filters     int
	groups                int
}

// newConv leaves the sizes of x and y to its callers.
func newConv(x, kernel *graph.Node, o ConvOptions) *conv {
	n := x.Rank() - 2
	if n < 1 || kernel.Rank() != x.Rank() {
		panic(errorf("a convolution takes x [batch, spatial..., channels] and a kernel of as many axes, was given %s and %s", x.Shape(), kernel.Shape()))
	}
	return &conv{
		kernel:   kernel.Shape().Dimensions[:n],
		stride:   perAxis("stride", o.Stride, n, 1, 1),
		pad:      perAxis("padding", o.Padding, n, 0, 0),
		dilation: perAxis("dilation", o.Dilation, n, 1, 1),
		channels: max(o.Groups, 1) * kernel.Shape().Dim(-2),
		filters:  kernel.Shape().Dim(-1),
		groups:   max(o.Groups, 1),
	}
}

// perAxis gives an option a value for each of n axes.
func perAxis(name string, values []int, n, byDefault, least int) []int {
	all := slices.Clone(values)
	switch len(values) {
	case 0:
		all = slices.Repeat([]int{byDefault}, n)
	case 1:
		all = slices.Repeat(values, n)
	case n:
	default:
		panic(errorf("%s %v: give one value, or one for each of %d axes", name, values, n))
	}
	if slices.Min(all) < least {
		panic(errorf("%s %v must be at least %d", name, values, least))
	}
	return all
}

func spatial(x *graph.Node) []int { return x.Shape().Dimensions[1 : x.Rank()-1] }

// extent is how far the kernel reaches along an axis.
func (c *conv) extent(axis int) int { return (c.kernel[axis]-1)*c.dilation[axis] + 1 }

func (c *conv) forward(x, k *graph.Node) *graph.Node {
	y := c.form(x.Graph(), passForward).forward(c, x, k)
	return withGradient(y, []*graph.Node{x, k}, func(i int, v *graph.Node) *graph.Node {
		if i == 0 {
			return c.inputGrad(v, k)
		}
		return c.kernelGrad(x, v)
	})
}

func (c *conv) inputGrad(y, k *graph.Node) *graph.Node {
	x := c.form(y.Graph(), passInput).inputGrad(c, y, k)
	return withGradient(x, []*graph.Node{y, k}, func(i int, v *graph.Node) *graph.Node {
		if i == 0 {
			return c.forward(v, k)
		}
		return c.kernelGrad(v, y)
	})
}

func (c *conv) kernelGrad(x, y *graph.Node) *graph.Node {
	k := c.form(x.Graph(), passKernel).kernelGrad(c, x, y)
	return withGradient(k, []*graph.Node{x, y}, func(i int, v *graph.Node) *graph.Node {
		if i == 0 {
			return c.inputGrad(y, v)
		}
		return c.forward(x, v)
	})
}

// direct hands each to the backend's own general convolution.
type direct struct{}

func (direct) forward(c *conv, x, k *graph.Node) *graph.Node {
	n := len(c.in)
	padding := make([][2]int, n)
	for i := range n {
		x, padding[i] = fit(x, i+1, c.pad[i], c.extent(i), c.stride[i], c.out[i])
	}
	y := graph.ConvGeneral(x, k, convAxes(n), c.stride, padding, nil, c.dilation, c.groups, 1)
	return part(y, make([]int, n+2), append(append([]int{x.Shape().Dim(0)}, c.out...), k.Shape().Dim(-1)))
}

// inputGrad spreads y out by the stride and convolves it with the kernel turned round.
func (direct) inputGrad(c *conv, y, k *graph.Node) *graph.Node {
	n := len(c.in)
	padding := make([][2]int, n)
	start, size := make([]int, n+2), append(append([]int{y.Shape().Dim(0)}, c.in...), c.groups*k.Shape().Dim(-2))
	for i := range n {
		first := c.extent(i) - 1 - c.pad[i]
		start[i+1] = max(-first, 0) // padding more than the kernel reaches: outputs to leave out
		last := size[i+1] + start[i+1] + c.extent(i) - 1 - ((c.out[i]-1)*c.stride[i] + 1) - max(first, 0)
		padding[i] = [2]int{max(first, 0), max(last, 0)}
		if c.kernel[i] == 2 && c.stride[i] == 2 && c.dilation[i] == 1 && padding[i] == [2]int{} {
			// XLA takes such an axis for one of groups when another one makes it swap the operands, and ends the process (docs/gomlx.md).
			padding[i][0]++
			start[i+1]++
		}
	}
	axes := convAxes(n)
	if c.groups == 1 {
		axes.KernelInputChannels, axes.KernelOutputChannels = n+1, n
	} else { // [kernel..., in/g, g·(out/g)] to [kernel..., out/g, g·(in/g)]
		in, out := k.Shape().Dim(-2), k.Shape().Dim(-1)/c.groups
		k = graph.Reshape(k, append(slices.Clone(c.kernel), in, c.groups, out)...)
		k = graph.TransposeAllAxes(k, append(upTo(n), n+2, n+1, n)...)
		k = graph.Reshape(k, append(slices.Clone(c.kernel), out, c.groups*in)...)
	}
	x := graph.ConvGeneral(y, graph.Reverse(k, upTo(n)...), axes, nil, padding, c.stride, c.dilation, c.groups, 1)
	return part(x, start, size)
}

// kernelGrad convolves x with y spread out by the stride, the batch being what is summed over.
func (direct) kernelGrad(c *conv, x, y *graph.Node) *graph.Node {
	n := len(c.in)
	padding := make([][2]int, n)
	for i := range n {
		x, padding[i] = fit(x, i+1, c.pad[i], (c.out[i]-1)*c.stride[i]+1, c.dilation[i], c.kernel[i])
	}
	// Where y is larger than x, which padding brings about, XLA takes y for what is convolved and computes it value by value, a hundred times
	// slower on a CPU: x is padded beforehand.
	if product(c.out) > product(c.in) {
		axes := make([]graph.PadAxis, n+2)
		for i, p := range padding {
			axes[i+1] = graph.PadAxis{Start: p[0], End: p[1]}
		}
		x, padding = graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), axes...), make([][2]int, n)
	}
	axes := convAxes(n)
	axes.InputBatch, axes.InputChannels = n+1, 0
	axes.KernelInputChannels, axes.KernelSpatial = 0, axes.InputSpatial
	axes.OutputBatch, axes.OutputSpatial = n, upTo(n)
	if c.groups > 1 { // [batch, in..., g·(channels/g)] to [g·batch, in..., channels/g]
		d := x.Shape().Dimensions
		x = graph.Reshape(x, append(slices.Clone(d[:n+1]), c.groups, d[n+1]/c.groups)...)
		x = graph.TransposeAllAxes(x, append([]int{n + 1}, append(upTo(n+1), n+2)...)...)
		x = graph.Reshape(x, append(append([]int{c.groups * d[0]}, d[1:n+1]...), d[n+1]/c.groups)...)
	}
	k := graph.ConvGeneral(x, y, axes, c.dilation, padding, nil, c.stride, c.groups, 1)
	return part(k, make([]int, n+2), append(slices.Clone(c.kernel), k.Shape().Dimensions[n:]...))
}

// fit pads axis i of x for n windows of the given extent and stride, the first beginning pad before x. It returns x without the
// values past the last window (one value stays, which may add windows), and the padding.
func fit(x *graph.Node, axis, pad, extent, stride, n int) (*graph.Node, [2]int) {
	last := (n-1)*stride + extent - x.Shape().Dim(axis) - pad
	if last <= -stride { // more would be left over than a backend leaves out by itself
		x = graph.SliceAxis(x, axis, graph.AxisRange(0, max(x.Shape().Dim(axis)+last, 1)))
	}
	return x, [2]int{pad, max(last, 0)}
}

// convAxes is the layout of this package: x and y have channels last, kernels [spatial..., in, out].
func convAxes(n int) compute.ConvolveAxesConfig {
	spatial := make([]int, n)
	for i := range spatial {
		spatial[i] = i + 1
	}
	return compute.ConvolveAxesConfig{
		InputBatch: 0, InputChannels: n + 1, InputSpatial: spatial,
		KernelInputChannels: n, KernelOutputChannels: n + 1, KernelSpatial: upTo(n),
		OutputBatch: 0, OutputChannels: n + 1, OutputSpatial: spatial,
	}
}

// part is the part of x from start of the given size, without a gradient of ours.
func part(x *graph.Node, start, size []int) *graph.Node {
	if slices.Equal(size, x.Shape().Dimensions) {
		return x
	}
	ranges := make([]graph.SliceAxisSpec, len(size))
	for i := range ranges {
		ranges[i] = graph.AxisRange(start[i], start[i]+size[i])
	}
	return graph.Slice(x, ranges...)
}

// product is that of sizes.
func product(sizes []int) int {
	n := 1
	for _, s := range sizes {
		n *= s
	}
	return n
}

// upTo is 0, 1, …, n-1.
func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}
