package transformer

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Core is PyTorch's nn.Transformer with batch_first: an encoder and a decoder of vectors (Vaswani et al., section 3.1).
type Core struct {
	Config CoreConfig

	Encoder *nn.TransformerEncoder `nn:"encoder"`
	Decoder *nn.TransformerDecoder `nn:"decoder"`
}

// NewCore declares the layers.
func NewCore(c CoreConfig) (*Core, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return nn.Name(newCore(c)), nil
}

func newCore(c CoreConfig) *Core {
	layer := nn.TransformerConfig{
		Embed: c.DModel, Heads: c.Heads, Inner: c.DimFeedforward, Dropout: c.Dropout, Activate: c.Activation.layer(),
		NormFirst: c.NormFirst, AttentionBlock: c.AttentionBlock,
	}
	core := &Core{Config: c, Encoder: nn.NewTransformerEncoder(layer, c.EncoderLayers), Decoder: nn.NewTransformerDecoder(layer, c.DecoderLayers)}
	for _, p := range nn.Params(core) {
		if len(p.Shape) == 2 { // as nn.Transformer's reset_parameters
			p.Init = nn.XavierInit(p.Shape[1], p.Shape[0])
		}
	}
	return core
}

// String is PyTorch's name of the class.
func (c *Core) String() string { return "Transformer" }

// Weights are the attention weights of each layer, [batch, heads, query, key].
type Weights struct {
	Encoder, Decoder, Cross []*graph.Node
}

// Forward encodes src and decodes tgt, which sees itself causally.
// src: [batch, source, d_model], tgt: [batch, target, d_model]; srcReal, tgtReal: which positions aren't padding, bool
// [batch, source] and [batch, target], or nil; out: [batch, target, d_model].
func (c *Core) Forward(s *model.Scope, src, tgt, srcReal, tgtReal *graph.Node) (out *graph.Node, w Weights) {
	memory, encoder := c.Encode(s, src, srcReal)
	out, w = c.Decode(s, tgt, memory, srcReal, tgtReal)
	w.Encoder = encoder
	return out, w
}

// Encode gives what the decoder looks at, [batch, source, d_model]. Shapes as in [Core.Forward].
func (c *Core) Encode(s *model.Scope, src, srcReal *graph.Node) (memory *graph.Node, weights []*graph.Node) {
	return c.Encoder.Forward(s, src, keyMask(srcReal))
}

// Decode gives the decoder's output for all of tgt. Shapes as in [Core.Forward].
func (c *Core) Decode(s *model.Scope, tgt, memory, srcReal, tgtReal *graph.Node) (out *graph.Node, w Weights) {
	self := nn.Causal(tgt.Graph(), tgt.Shape().Dim(1))
	if tgtReal != nil {
		self = graph.LogicalAnd(graph.BroadcastToDims(self, tgt.Shape().Dim(0), 1, self.Shape().Dim(2), self.Shape().Dim(3)),
			graph.BroadcastToDims(nn.KeyMask(tgtReal), tgt.Shape().Dim(0), 1, self.Shape().Dim(2), self.Shape().Dim(3)))
	}
	out, w.Decoder, w.Cross = c.Decoder.Forward(s, tgt, memory, self, keyMask(srcReal))
	return out, w
}

func keyMask(real *graph.Node) *graph.Node {
	if real == nil {
		return nil
	}
	return nn.KeyMask(real)
}
