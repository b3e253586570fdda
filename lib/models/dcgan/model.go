// Package dcgan is the article's generative adversarial network (Radford, Metz & Chintala, "Unsupervised representation learning with
// deep convolutional generative adversarial networks", 2015), with the losses and normalisations that came after it as options.
package dcgan

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Generator is the article's class of that name.
type Generator struct {
	Main nn.Sequential `nn:"main"`

	nz, classes int
}

// NewGenerator declares the layers: noise to 4×4, then a transposed convolution for each doubling of the size.
func NewGenerator(c Config) (*Generator, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	width := c.NGF * c.ImageSize / 8
	up := func(in, out int, o nn.ConvOptions) *nn.Conv {
		o.NoBias = true
		l := nn.NewConvTranspose2d(in, out, []int{4}, o)
		c.initConv(l.Weight)
		return l
	}
	n := &Generator{nz: c.NZ, classes: c.Classes}
	n.Main = append(n.Main, up(c.NZ+c.Classes, width, nn.ConvOptions{}), c.batchNorm(width), nn.ReLU{Inplace: true})
	double := nn.ConvOptions{Stride: []int{2}, Padding: []int{1}}
	for ; width > c.NGF; width /= 2 {
		n.Main = append(n.Main, up(width, width/2, double), c.batchNorm(width/2), nn.ReLU{Inplace: true})
	}
	n.Main = append(n.Main, up(width, c.NC, double), nn.Tanh{})
	return nn.Name(n), nil
}

// String is the article's name of the class.
func (n *Generator) String() string { return "Generator" }

// Forward makes pictures. z: [batch, nz], labels: integers [batch], or nil for a model without classes;
// the result: [batch, size, size, nc] in [-1, 1].
func (n *Generator) Forward(s *model.Scope, z, labels *graph.Node) *graph.Node {
	if z.Rank() != 2 || z.Shape().Dim(1) != n.nz {
		panic(fmt.Errorf("dcgan: the generator takes noise [batch, %d], was given %s", n.nz, z.Shape()))
	}
	checkLabels(n.classes, z, labels)
	if labels != nil {
		z = graph.Concatenate([]*graph.Node{z, graph.OneHot(labels, n.classes, z.DType())}, 1)
	}
	return n.Main.Forward(s, graph.InsertAxes(z, 1, 1))
}

// Discriminator is the article's class of that name.
type Discriminator struct {
	Main  nn.Sequential `nn:"main"`
	Embed *nn.Embedding `nn:"embed"` // [classes, channels of the last features]; nil without classes

	nc, size int
}

// NewDiscriminator declares the layers: a convolution for each halving of the size down to 4×4, then one to a single number.
func NewDiscriminator(c Config) (*Discriminator, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	leaky := nn.LeakyReLU{Slope: 0.2, Inplace: true}
	half := nn.ConvOptions{Stride: []int{2}, Padding: []int{1}}
	n := &Discriminator{nc: c.NC, size: c.ImageSize}
	n.Main = append(n.Main, c.down(c.NC, c.NDF, half), leaky)
	width := c.NDF
	for ; width < c.NDF*c.ImageSize/8; width *= 2 {
		n.Main = append(n.Main, c.down(width, 2*width, half))
		switch c.Norm {
		case BatchNorm:
			n.Main = append(n.Main, c.batchNorm(2*width))
		case LayerNorm:
			n.Main = append(n.Main, nn.NewGroupNorm(1, 2*width))
		}
		n.Main = append(n.Main, leaky)
	}
	n.Main = append(n.Main, c.down(width, 1, nn.ConvOptions{}), nn.Sigmoid{})
	if c.Classes > 0 {
		n.Embed = nn.NewEmbedding(c.Classes, width)
	}
	return nn.Name(n), nil
}

// String is the article's name of the class.
func (n *Discriminator) String() string { return "Discriminator" }

// Logits judges pictures: above 0 is real, and the article's output is their sigmoid. x: [batch, size, size, nc] in [-1, 1], labels:
// integers [batch], or nil for a model without classes; the result: [batch].
func (n *Discriminator) Logits(s *model.Scope, x, labels *graph.Node) *graph.Node {
	if x.Rank() != 4 || x.Shape().Dim(1) != n.size || x.Shape().Dim(2) != n.size || x.Shape().Dim(3) != n.nc {
		panic(fmt.Errorf("dcgan: the discriminator takes pictures [batch, %d, %d, %d], was given %s", n.size, n.size, n.nc, x.Shape()))
	}
	last := len(n.Main) - 2 // the convolution before the sigmoid
	features := n.Main[:last].Forward(s, x)
	logits := graph.Reshape(n.Main[last].Forward(s, features), -1)
	if n.Embed == nil {
		checkLabels(0, x, labels)
		return logits
	}
	checkLabels(n.Embed.Num, x, labels)
	match := graph.Mul(n.Embed.Forward(s, labels), graph.ReduceSum(features, 1, 2))
	return graph.Add(logits, graph.ReduceSum(match, 1))
}

// Forward is the probability that pictures are real, the article's output; x, labels and the result as those of Logits.
func (n *Discriminator) Forward(s *model.Scope, x, labels *graph.Node) *graph.Node {
	return graph.Sigmoid(n.Logits(s, x, labels))
}

func checkLabels(classes int, x, labels *graph.Node) {
	switch {
	case classes == 0 && labels != nil:
		panic(fmt.Errorf("dcgan: a model without classes was given labels %s", labels.Shape()))
	case classes > 0 && (labels == nil || labels.Rank() != 1 || labels.Shape().Dim(0) != x.Shape().Dim(0)):
		panic(fmt.Errorf("dcgan: a model of %d classes takes labels [%d], was given %v", classes, x.Shape().Dim(0), labels))
	}
}

// down is a convolution of the discriminator.
func (c Config) down(in, out int, o nn.ConvOptions) nn.Layer {
	o.NoBias = true
	l := nn.NewConv2d(in, out, []int{4}, o)
	c.initConv(l.Weight)
	if c.SpectralNorm {
		return newSpectralConv(l)
	}
	return l
}

func (c Config) batchNorm(features int) *nn.BatchNorm {
	l := nn.NewBatchNorm2d(features)
	if c.Init == PaperInit {
		l.Weight.Init = nn.NormalInit(1, 0.02)
	}
	return l
}

func (c Config) initConv(weight *nn.Param) {
	if c.Init == PaperInit {
		weight.Init = nn.NormalInit(0, 0.02)
	}
}
