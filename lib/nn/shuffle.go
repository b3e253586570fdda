package nn

import (
	"slices"
	"strconv"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// PixelShuffle is PyTorch's nn.PixelShuffle (Shi et al., "Real-time single image and video super-resolution", 2016):
// [batch, height, width, channels·r²] to [batch, height·r, width·r, channels].
type PixelShuffle struct{ Factor int }

// Forward moves channels into space.
func (l PixelShuffle) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	r := l.Factor
	if x.Rank() != 4 || r < 1 || x.Shape().Dim(-1)%(r*r) != 0 {
		panic(errorf("pixel shuffle by %d takes [batch, height, width, a multiple of %d], was given %s", r, r*r, x.Shape()))
	}
	d := x.Shape().Dimensions
	c := d[3] / (r * r)
	x = graph.Reshape(x, d[0], d[1], d[2], c, r, r)
	x = graph.TransposeAllAxes(x, 0, 1, 4, 2, 5, 3)
	return graph.Reshape(x, d[0], d[1]*r, d[2]*r, c)
}

// String is the line that PyTorch prints.
func (l PixelShuffle) String() string {
	return "PixelShuffle(upscale_factor=" + strconv.Itoa(l.Factor) + ")"
}

// PixelUnshuffle is [PixelShuffle] turned back, PyTorch's nn.PixelUnshuffle: [batch, height·r, width·r, channels] to [batch, height, width,
// channels·r²].
type PixelUnshuffle struct{ Factor int }

// Forward moves space into channels.
func (l PixelUnshuffle) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	r := l.Factor
	if x.Rank() != 4 || r < 1 || x.Shape().Dim(1)%r != 0 || x.Shape().Dim(2)%r != 0 {
		panic(errorf("pixel unshuffle by %d takes [batch, height, width, channels], both sizes a multiple, was given %s", r, x.Shape()))
	}
	d := x.Shape().Dimensions
	x = graph.Reshape(x, d[0], d[1]/r, r, d[2]/r, r, d[3])
	x = graph.TransposeAllAxes(x, 0, 1, 3, 5, 2, 4)
	return graph.Reshape(x, d[0], d[1]/r, d[2]/r, d[3]*r*r)
}

// String is the line that PyTorch prints.
func (l PixelUnshuffle) String() string {
	return "PixelUnshuffle(downscale_factor=" + strconv.Itoa(l.Factor) + ")"
}

// ChannelShuffle is PyTorch's nn.ChannelShuffle (Zhang et al., "ShuffleNet", 2017): the channels of each group are dealt out among all.
type ChannelShuffle struct{ Groups int }

// Forward maps x: [batch, ..., channels] to a like-shaped tensor.
func (l ChannelShuffle) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	channels := x.Shape().Dim(-1)
	if l.Groups < 1 || channels%l.Groups != 0 {
		panic(errorf("channel shuffle in %d groups takes a multiple of channels, was given %s", l.Groups, x.Shape()))
	}
	dims := slices.Clone(x.Shape().Dimensions)
	split := append(slices.Clone(dims[:len(dims)-1]), l.Groups, channels/l.Groups)
	return graph.Reshape(transposed(graph.Reshape(x, split...)), dims...)
}

// String is the line that PyTorch prints.
func (l ChannelShuffle) String() string {
	return "ChannelShuffle(groups=" + strconv.Itoa(l.Groups) + ")"
}
