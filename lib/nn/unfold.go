package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Unfold is PyTorch's nn.Unfold: each window of a picture as one vector, channel by channel.
type Unfold struct {
	Kernel                    []int
	Stride, Padding, Dilation []int // 1, 0 and 1 where left out; one value, or two
}

// Forward maps x: [batch, height, width, channels] to [batch, windows, channels·kernel], PyTorch's last two axes turned round.
func (l Unfold) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() != 4 {
		panic(errorf("%s takes [batch, height, width, channels], was given %s", l, x.Shape()))
	}
	return l.axes(spatial(x)).unfold(x)
}

// String is the line that PyTorch prints.
func (l Unfold) String() string {
	return fmt.Sprintf("Unfold(kernel_size=%s, dilation=%s, padding=%s, stride=%s)", pyInts(l.Kernel), pyInts(listOr(l.Dilation, []int{1})),
		pyInts(listOr(l.Padding, []int{0})), pyInts(listOr(l.Stride, []int{1})))
}

// FoldLayer is PyTorch's nn.Fold, which sums windows where they overlap: the gradient of [Unfold] as a layer.
type FoldLayer struct {
	Size                      []int // of the picture: height, width
	Kernel                    []int
	Stride, Padding, Dilation []int // 1, 0 and 1 where left out; one value, or two
}

// Forward maps x: [batch, windows, channels·kernel] to [batch, height, width, channels].
func (l FoldLayer) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	u := Unfold{l.Kernel, l.Stride, l.Padding, l.Dilation}
	w := u.axes(perAxis("size", l.Size, 2, 1, 1))
	taps := w[0].kernel * w[1].kernel
	if x.Rank() != 3 || x.Shape().Dim(1) != w[0].out*w[1].out || x.Shape().Dim(2)%taps != 0 {
		panic(errorf("%s takes [batch, %d, a multiple of %d], was given %s", l, w[0].out*w[1].out, taps, x.Shape()))
	}
	return w.fold(x)
}

// String is the line that PyTorch prints.
func (l FoldLayer) String() string {
	return fmt.Sprintf("Fold(output_size=%s, kernel_size=%s, dilation=%s, padding=%s, stride=%s)", pyInts(l.Size), pyInts(l.Kernel),
		pyInts(listOr(l.Dilation, []int{1})), pyInts(listOr(l.Padding, []int{0})), pyInts(listOr(l.Stride, []int{1})))
}

// windows is how windows lie along height and width.
type windows [2]poolAxis

func (l Unfold) axes(size []int) windows {
	kernel, stride := perAxis("kernel", l.Kernel, 2, 1, 1), perAxis("stride", l.Stride, 2, 1, 1)
	padding, dilation := perAxis("padding", l.Padding, 2, 0, 0), perAxis("dilation", l.Dilation, 2, 1, 1)
	var w windows
	for i := range w {
		w[i] = poolAxis{size: size[i], kernel: kernel[i], stride: stride[i], pad: padding[i], dilation: dilation[i]}
		room := size[i] + 2*padding[i] - w[i].extent()
		if room < 0 {
			panic(errorf("%s: the kernel doesn't fit into a picture of %v", l, size))
		}
		w[i].out = room/stride[i] + 1
	}
	return w
}

// unfold is linear, and fold its transpose: each is the other's gradient.
func (w windows) unfold(x *graph.Node) *graph.Node {
	var taps []*graph.Node
	for _, row := range w[0].slices(x, 1, 0) {
		for _, value := range w[1].slices(row, 2, 0) {
			taps = append(taps, graph.InsertAxes(value, -1)) // [batch, height', width', channels, 1]
		}
	}
	all := graph.Concatenate(taps, 4)
	d := all.Shape().Dimensions
	return graph.Reshape(all, d[0], d[1]*d[2], d[3]*d[4])
}

func (w windows) fold(y *graph.Node) *graph.Node {
	taps := w[0].kernel * w[1].kernel
	batch, channels := y.Shape().Dim(0), y.Shape().Dim(2)/taps
	still := graph.Reshape(y, batch, w[0].out, w[1].out, channels, taps)
	var sum *graph.Node
	for i := range taps {
		part := graph.Reshape(graph.SliceAxis(still, 4, graph.AxisElem(i)), batch, w[0].out, w[1].out, channels)
		part = graph.Pad(part, scalar(y, 0), graph.PadAxis{}, w[0].spread(i/w[1].kernel), w[1].spread(i%w[1].kernel), graph.PadAxis{})
		if sum == nil {
			sum = part
		} else {
			sum = graph.Add(sum, part)
		}
	}
	x := part(sum, []int{0, w[0].pad, w[1].pad, 0}, []int{batch, w[0].size, w[1].size, channels})
	return withGradient(x, []*graph.Node{y}, func(_ int, v *graph.Node) *graph.Node { return w.unfold(v) })
}

// spread puts the i-th values of all windows back to where they were, padding included.
func (w poolAxis) spread(i int) graph.PadAxis {
	first := i * w.dilation
	return graph.PadAxis{Start: first, Interior: w.stride - 1, End: w.size + 2*w.pad - first - (w.out-1)*w.stride - 1}
}
