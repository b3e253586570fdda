// Package cyclegan translates between two kinds of pictures of which no pairs are known (Zhu, Park, Isola & Efros, "Unpaired image-to-image
// translation using cycle-consistent adversarial networks", 2017): two generators, each judged by a discriminator of its own, and bound to
// undo each other. Networks and names are those of the authors' PyTorch program.
package cyclegan

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Generator translates pictures: Johnson et al.'s network (section 4 of the paper).
type Generator struct {
	Model nn.Sequential `nn:"model"`

	channels int
}

// NewGenerator declares the layers.
func NewGenerator(c Config) (*Generator, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	n := &Generator{channels: c.Channels}
	add := func(layers ...nn.Layer) { n.Model = append(n.Model, layers...) }
	then := func(width int) { add(nn.NewInstanceNorm2d(width), nn.ReLU{Inplace: true}) }
	w := c.NGF
	add(mirrored(3), conv(c.Channels, w, 7, 1, 0))
	then(w)
	for range 2 {
		add(conv(w, 2*w, 3, 2, 1))
		w *= 2
		then(w)
	}
	for range c.Blocks {
		add(newBlock(w))
	}
	for range 2 {
		add(begin(nn.NewConvTranspose2d(w, w/2, []int{3}, nn.ConvOptions{Stride: []int{2}, Padding: []int{1}, OutputPadding: []int{1}})))
		w /= 2
		then(w)
	}
	add(mirrored(3), conv(w, c.Channels, 7, 1, 0), nn.Tanh{})
	return nn.Name(n), nil
}

// String is the name of the authors' class.
func (n *Generator) String() string { return "ResnetGenerator" }

// Forward translates pictures. x: [batch, height, width, channels] in [-1, 1], height and width multiples of 4, and so is the result.
func (n *Generator) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() != 4 || x.Shape().Dim(3) != n.channels {
		panic(fmt.Errorf("cyclegan: a generator takes pictures [batch, height, width, %d], was given %s", n.channels, x.Shape()))
	}
	return n.Model.Forward(s, x)
}

// block adds to pictures what two convolutions make of them.
type block struct {
	Layers nn.Sequential `nn:"conv_block"`
}

func newBlock(w int) *block {
	return &block{nn.Sequential{
		mirrored(1), conv(w, w, 3, 1, 0), nn.NewInstanceNorm2d(w), nn.ReLU{Inplace: true},
		mirrored(1), conv(w, w, 3, 1, 0), nn.NewInstanceNorm2d(w),
	}}
}

func (b *block) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	return graph.Add(x, b.Layers.Forward(s, x))
}

// String is the name of the authors' class.
func (b *block) String() string { return "ResnetBlock" }

// Discriminator judges patches of pictures: PatchGAN (Isola et al., "Image-to-image translation with conditional adversarial networks",
// 2017, section 3.2.2).
type Discriminator struct {
	Model nn.Sequential `nn:"model"`

	channels int
}

// NewDiscriminator declares the layers.
func NewDiscriminator(c Config) (*Discriminator, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	leaky := nn.LeakyReLU{Slope: 0.2, Inplace: true}
	n := &Discriminator{channels: c.Channels, Model: nn.Sequential{conv(c.Channels, c.NDF, 4, 2, 1), leaky}}
	in := c.NDF
	for i := 1; i <= c.Layers; i++ {
		stride, out := 2, c.NDF<<min(i, 3)
		if i == c.Layers {
			stride = 1
		}
		n.Model = append(n.Model, conv(in, out, 4, stride, 1), nn.NewInstanceNorm2d(out), leaky)
		in = out
	}
	n.Model = append(n.Model, conv(in, 1, 4, 1, 1))
	return nn.Name(n), nil
}

// String is the name of the authors' class.
func (n *Discriminator) String() string { return "NLayerDiscriminator" }

// Forward gives a verdict on each patch, near 1 for what it takes for real and near 0 for what it takes for made.
// x: [batch, height, width, channels] in [-1, 1], the result: [batch, smaller, smaller, 1].
func (n *Discriminator) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() != 4 || x.Shape().Dim(3) != n.channels {
		panic(fmt.Errorf("cyclegan: a discriminator takes pictures [batch, height, width, %d], was given %s", n.channels, x.Shape()))
	}
	return n.Model.Forward(s, x)
}

// conv has the authors' first weights.
func conv(in, out, kernel, stride, padding int) *nn.Conv {
	return begin(nn.NewConv2d(in, out, []int{kernel}, nn.ConvOptions{Stride: []int{stride}, Padding: []int{padding}}))
}

// begin draws a convolution's weights from N(0, 0.02²), section 7.1, and sets its bias to 0.
func begin(l *nn.Conv) *nn.Conv {
	l.Weight.Init, l.Bias.Init = nn.NormalInit(0, 0.02), nil
	return l
}

func mirrored(n int) nn.Layer {
	return nn.Padding{Mode: nn.PadReflect, Before: []int{n, n}, After: []int{n, n}}
}
