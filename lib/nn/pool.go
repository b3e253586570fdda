package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// A pool works along one axis after the other: a maximum of maxima, a sum of sums. Along an axis it takes as many strided slices as the
// kernel is long, which compile to one pass and have derivatives of every order.

// PoolOptions are a pool's options, PyTorch's, with its defaults. A list has one value for every spatial axis, or one for each.
type PoolOptions struct {
	Stride   []int // the kernel
	Padding  []int // 0, on both sides
	CeilMode bool  // a last window may reach beyond the padding
	Dilation []int // 1, for a maximum only

	// For an average only:

	ExcludePadding bool // padding doesn't count, PyTorch's count_include_pad=False
	Divisor        int  // in place of how much counts, when not 0: PyTorch's divisor_override
}

// poolAxis is how a pool goes along one axis.
type poolAxis struct{ size, kernel, stride, pad, dilation, out int }

func (o PoolOptions) windows(layer fmt.Stringer, axes int, kernel []int, x *graph.Node) []poolAxis {
	if x.Rank() != axes+2 {
		panic(errorf("%s takes [batch, %d spatial axes, channels], was given %s", layer, axes, x.Shape()))
	}
	kernel = perAxis("kernel", kernel, axes, 1, 1)
	stride, padding, dilation := kernel, perAxis("padding", o.Padding, axes, 0, 0), perAxis("dilation", o.Dilation, axes, 1, 1)
	if len(o.Stride) > 0 {
		stride = perAxis("stride", o.Stride, axes, 1, 1)
	}
	list := make([]poolAxis, axes)
	for i := range list {
		w := poolAxis{size: x.Shape().Dim(i + 1), kernel: kernel[i], stride: stride[i], pad: padding[i], dilation: dilation[i]}
		room := w.size + 2*w.pad - w.extent()
		if 2*w.pad > w.kernel || room < 0 {
			panic(errorf("%s: padding may be at most half of the kernel, which must fit into axis %d of %s", layer, i+1, x.Shape()))
		}
		w.out = room/w.stride + 1
		if o.CeilMode && room%w.stride > 0 && w.out*w.stride < w.size+w.pad { // it must begin inside
			w.out++
		}
		list[i] = w
	}
	return list
}

func (w poolAxis) extent() int { return (w.kernel-1)*w.dilation + 1 }

// slices gives the i-th value of every window, for each i; value stands outside.
func (w poolAxis) slices(x *graph.Node, axis int, value float64) []*graph.Node {
	before, after := make([]int, x.Rank()), make([]int, x.Rank())
	before[axis] = w.pad
	after[axis] = max((w.out-1)*w.stride+w.extent()-w.size-w.pad, 0)
	x = padValue(x, value, before, after)
	list := make([]*graph.Node, w.kernel)
	for i := range list {
		first := i * w.dilation
		list[i] = graph.SliceAxis(x, axis, graph.AxisRange(first, first+(w.out-1)*w.stride+1).Stride(w.stride))
	}
	return list
}

// counts is what to divide each window's sum by.
func (w poolAxis) counts(excludePadding bool) []float32 {
	list := make([]float32, w.out)
	for i := range list {
		start := i*w.stride - w.pad
		end := min(start+w.kernel, w.size+w.pad)
		if excludePadding {
			start, end = max(start, 0), min(end, w.size)
		}
		list[i] = float32(end - start)
	}
	return list
}

// MaxPool is PyTorch's nn.MaxPool1d to nn.MaxPool3d. The gradient goes to the first of equals.
type MaxPool struct {
	Axes    int
	Kernel  []int
	Options PoolOptions
}

// NewMaxPool1d makes a layer for x: [batch, length, channels].
func NewMaxPool1d(kernel []int, o PoolOptions) *MaxPool { return &MaxPool{1, kernel, o} }

// NewMaxPool2d makes a layer for x: [batch, height, width, channels].
func NewMaxPool2d(kernel []int, o PoolOptions) *MaxPool { return &MaxPool{2, kernel, o} }

// NewMaxPool3d makes a layer for x: [batch, depth, height, width, channels].
func NewMaxPool3d(kernel []int, o PoolOptions) *MaxPool { return &MaxPool{3, kernel, o} }

// Forward maps x: [batch, spatial..., channels] to fewer places.
func (l *MaxPool) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if l.Options.ExcludePadding || l.Options.Divisor != 0 {
		panic(errorf("%s takes no ExcludePadding and no Divisor", l))
	}
	windows := l.Options.windows(l, l.Axes, l.Kernel, x)
	if isEmpty(x) {
		return Observed(s, l, emptyPool(x, windows))
	}
	for i := l.Axes - 1; i >= 0; i-- { // the first of equals is that of the first row, as in PyTorch
		x = largest(windows[i].slices(x, i+1, math.Inf(-1)))
	}
	return Observed(s, l, x)
}

// emptyPool is what a pool gives of an empty batch.
func emptyPool(x *graph.Node, windows []poolAxis) *graph.Node {
	d := slices.Clone(x.Shape().Dimensions)
	for i, w := range windows {
		d[i+1] = w.out
	}
	return emptyLike(x, d...)
}

// largest is the largest of each place, the first of equals; NaN is larger than all.
func largest(list []*graph.Node) *graph.Node {
	best := list[0]
	for _, x := range list[1:] {
		best = graph.Where(graph.LogicalOr(graph.GreaterThan(x, best), isNaN(x)), x, best)
	}
	return best
}

// String is the line that PyTorch prints.
func (l *MaxPool) String() string {
	o := l.Options
	return fmt.Sprintf("MaxPool%dd(kernel_size=%s, stride=%s, padding=%s, dilation=%s, ceil_mode=%s)", l.Axes, pyInts(l.Kernel),
		pyInts(listOr(o.Stride, l.Kernel)), pyInts(listOr(o.Padding, []int{0})), pyInts(listOr(o.Dilation, []int{1})), pyBool(o.CeilMode))
}

// AvgPool is PyTorch's nn.AvgPool1d to nn.AvgPool3d.
type AvgPool struct {
	Axes    int
	Kernel  []int
	Options PoolOptions
}

// NewAvgPool1d makes a layer for x: [batch, length, channels].
func NewAvgPool1d(kernel []int, o PoolOptions) *AvgPool { return &AvgPool{1, kernel, o} }

// NewAvgPool2d makes a layer for x: [batch, height, width, channels].
func NewAvgPool2d(kernel []int, o PoolOptions) *AvgPool { return &AvgPool{2, kernel, o} }

// NewAvgPool3d makes a layer for x: [batch, depth, height, width, channels].
func NewAvgPool3d(kernel []int, o PoolOptions) *AvgPool { return &AvgPool{3, kernel, o} }

// Forward maps x: [batch, spatial..., channels] to fewer places.
func (l *AvgPool) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if len(l.Options.Dilation) > 0 {
		panic(errorf("%s takes no dilation", l))
	}
	windows := l.Options.windows(l, l.Axes, l.Kernel, x)
	if isEmpty(x) {
		return Observed(s, l, emptyPool(x, windows))
	}
	for i, w := range windows {
		parts := w.slices(x, i+1, 0)
		x = parts[0]
		for _, part := range parts[1:] {
			x = graph.Add(x, part)
		}
		if l.Options.Divisor == 0 {
			counts := make([]int, x.Rank())
			for j := range counts {
				counts[j] = 1
			}
			counts[i+1] = w.out
			by := graph.ConvertDType(graph.Const(x.Graph(), w.counts(l.Options.ExcludePadding)), x.DType())
			x = graph.Div(x, graph.Reshape(by, counts...))
		}
	}
	if d := l.Options.Divisor; d != 0 {
		x = graph.DivScalar(x, float64(d))
	}
	return Observed(s, l, x)
}

// String is the line that PyTorch prints.
func (l *AvgPool) String() string {
	o := l.Options
	write := pyInts
	if l.Axes == 1 {
		write = pyTuple
	}
	return fmt.Sprintf("AvgPool%dd(kernel_size=%s, stride=%s, padding=%s)", l.Axes, write(l.Kernel), write(listOr(o.Stride, l.Kernel)),
		write(listOr(o.Padding, []int{0})))
}

func listOr(list, byDefault []int) []int {
	if len(list) == 0 {
		return byDefault
	}
	return slices.Clone(list)
}
