package vae

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// ConvNet encodes by convolutions of 4×4, each of which halves the picture, and decodes by as many transposed ones, with ReLU between.
type ConvNet struct {
	Encoder nn.Sequential `nn:"encoder"`
	Mean    *nn.Linear    `nn:"fc_mean"`
	LogVar  *nn.Linear    `nn:"fc_logvar"`
	Start   *nn.Linear    `nn:"fc_decode"`
	Decoder nn.Sequential `nn:"decoder"`

	size, channels int // of the picture
	small, width   int // of what the convolutions leave of it
}

// NewConvNet declares the layers of a config with widths.
func NewConvNet(c Config) (*ConvNet, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	halve := nn.ConvOptions{Stride: []int{2}, Padding: []int{1}}
	n := &ConvNet{size: c.size(), channels: c.channels()}
	in := n.channels
	for i, out := range c.Widths {
		n.Encoder = append(n.Encoder, nn.NewConv2d(in, out, []int{4}, halve), nn.ReLU{})
		up := nn.Sequential{nn.NewConvTranspose2d(out, in, []int{4}, halve)}
		if i > 0 {
			up = append(up, nn.ReLU{})
		}
		n.Decoder = append(up, n.Decoder...)
		in = out
	}
	n.width, n.small = in, n.size>>len(c.Widths)
	flat := n.width * n.small * n.small
	n.Mean, n.LogVar = nn.NewLinear(flat, c.LatentDim, true), nn.NewLinear(flat, c.LatentDim, true)
	n.Start = nn.NewLinear(c.LatentDim, flat, true)
	return nn.Name(n), nil
}

// String is the class's name in PyTorch.
func (n *ConvNet) String() string { return "ConvVAE" }

// Encode is [Coder]'s. A picture's values come by rows, then columns, then channels.
func (n *ConvNet) Encode(s *model.Scope, x *graph.Node) (mu, logvar *graph.Node) {
	h := n.Encoder.Forward(s, graph.Reshape(x, -1, n.size, n.size, n.channels))
	h = graph.Reshape(graph.TransposeAllAxes(h, 0, 3, 1, 2), x.Shape().Dim(0), -1) // PyTorch flattens channels first
	return n.Mean.Forward(s, h), n.LogVar.Forward(s, h)
}

// Decode is [Coder]'s.
func (n *ConvNet) Decode(s *model.Scope, z *graph.Node) *graph.Node {
	h := nn.ReLU{}.Forward(s, n.Start.Forward(s, z))
	h = graph.TransposeAllAxes(graph.Reshape(h, -1, n.width, n.small, n.small), 0, 2, 3, 1)
	return graph.Reshape(n.Decoder.Forward(s, h), z.Shape().Dim(0), -1)
}
