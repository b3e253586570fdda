// Package classifier is a small convolutional classifier of pictures. Its features are what measures of generative models compare:
// train it once, on the data that they imitate.
package classifier

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Net is three convolutions, two of which halve the size, and two linear layers.
type Net struct {
	Conv    nn.Sequential `nn:"conv"`
	Feature *nn.Linear    `nn:"feature"`
	Drop    *nn.Dropout   `nn:"drop"`
	Out     *nn.Linear    `nn:"out"`

	size, channels int
}

// dropout is of the features.
const dropout = 0.3

// NewNet declares the layers.
func NewNet(c Config) (*Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	n := &Net{size: c.Size, channels: c.Channels, Drop: &nn.Dropout{P: dropout}}
	in := c.Channels
	for i, stride := range []int{1, 2, 2} {
		out := c.Width << i
		conv := nn.NewConv2d(in, out, []int{3}, nn.ConvOptions{Stride: []int{stride}, Padding: []int{1}, NoBias: true})
		n.Conv = append(n.Conv, conv, nn.NewBatchNorm2d(out), nn.ReLU{})
		in = out
	}
	n.Feature = nn.NewLinear(in*c.Size/4*c.Size/4, c.Features, true)
	n.Out = nn.NewLinear(c.Features, c.Classes, true)
	return nn.Name(n), nil
}

// Forward gives the features of pictures, and from them the classes' logits.
// x: [batch, size, size, channels] in [0, 1], features: [batch, features], logits: [batch, classes].
func (n *Net) Forward(s *model.Scope, x *graph.Node) (features, logits *graph.Node) {
	if x.Rank() != 4 || x.Shape().Dim(1) != n.size || x.Shape().Dim(2) != n.size || x.Shape().Dim(3) != n.channels {
		panic(fmt.Errorf("classifier: takes pictures [batch, %d, %d, %d], was given %s", n.size, n.size, n.channels, x.Shape()))
	}
	h := n.Conv.Forward(s, x)
	features = nn.ReLU{}.Forward(s, n.Feature.Forward(s, graph.Reshape(h, x.Shape().Dim(0), -1)))
	return features, n.Out.Forward(s, n.Drop.Forward(s, features))
}
