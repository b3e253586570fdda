package transformer

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Core is PyTorch's nn.Transformer with batch_first: an encoder and a decoder of vectors (Vaswani et al., section 3.1).
type Core struct {
	Config CoreConfig

	Encoder *EncoderStack `nn:"encoder"`
	Decoder *DecoderStack `nn:"decoder"`
}

// NewCore declares the layers.
func NewCore(c CoreConfig) (*Core, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return nn.Name(newCore(c)), nil
}

func newCore(c CoreConfig) *Core {
	core := &Core{
		Config:  c,
		Encoder: &EncoderStack{Norm: nn.NewLayerNorm(c.DModel, true)},
		Decoder: &DecoderStack{Norm: nn.NewLayerNorm(c.DModel, true)},
	}
	for range c.EncoderLayers {
		core.Encoder.Layers = append(core.Encoder.Layers, newEncoderLayer(c))
	}
	for range c.DecoderLayers {
		core.Decoder.Layers = append(core.Decoder.Layers, newDecoderLayer(c))
	}
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
	mask := keyMask(srcReal)
	for _, layer := range c.Encoder.Layers {
		var w *graph.Node
		src, w = layer.Forward(s, src, mask)
		weights = append(weights, w)
	}
	return c.Encoder.Norm.Forward(s, src), weights
}

// Decode gives the decoder's output for all of tgt. Shapes as in [Core.Forward].
func (c *Core) Decode(s *model.Scope, tgt, memory, srcReal, tgtReal *graph.Node) (out *graph.Node, w Weights) {
	self := nn.Causal(tgt.Graph(), tgt.Shape().Dim(1))
	if tgtReal != nil {
		self = graph.LogicalAnd(graph.BroadcastToDims(self, tgt.Shape().Dim(0), 1, self.Shape().Dim(2), self.Shape().Dim(3)),
			graph.BroadcastToDims(nn.KeyMask(tgtReal), tgt.Shape().Dim(0), 1, self.Shape().Dim(2), self.Shape().Dim(3)))
	}
	cross := keyMask(srcReal)
	for _, layer := range c.Decoder.Layers {
		var ws, wc *graph.Node
		tgt, ws, wc = layer.Forward(s, tgt, memory, self, cross)
		w.Decoder, w.Cross = append(w.Decoder, ws), append(w.Cross, wc)
	}
	return c.Decoder.Norm.Forward(s, tgt), w
}

func keyMask(real *graph.Node) *graph.Node {
	if real == nil {
		return nil
	}
	return nn.KeyMask(real)
}

// EncoderStack is PyTorch's nn.TransformerEncoder.
type EncoderStack struct {
	Layers []*EncoderLayer `nn:"layers"`
	Norm   *nn.LayerNorm   `nn:"norm"`
}

// String is PyTorch's name of the class.
func (e *EncoderStack) String() string { return "TransformerEncoder" }

// DecoderStack is PyTorch's nn.TransformerDecoder.
type DecoderStack struct {
	Layers []*DecoderLayer `nn:"layers"`
	Norm   *nn.LayerNorm   `nn:"norm"`
}

// String is PyTorch's name of the class.
func (d *DecoderStack) String() string { return "TransformerDecoder" }

// EncoderLayer is PyTorch's nn.TransformerEncoderLayer: self-attention, then a feed-forward part.
type EncoderLayer struct {
	config CoreConfig

	SelfAttention *nn.MultiheadAttention `nn:"self_attn"`
	Linear1       *nn.Linear             `nn:"linear1"`
	Dropout       *nn.Dropout            `nn:"dropout"`
	Linear2       *nn.Linear             `nn:"linear2"`
	Norm1         *nn.LayerNorm          `nn:"norm1"`
	Norm2         *nn.LayerNorm          `nn:"norm2"`
	Dropout1      *nn.Dropout            `nn:"dropout1"`
	Dropout2      *nn.Dropout            `nn:"dropout2"`
}

func newEncoderLayer(c CoreConfig) *EncoderLayer {
	return &EncoderLayer{
		config:        c,
		SelfAttention: newAttention(c),
		Linear1:       nn.NewLinear(c.DModel, c.DimFeedforward, true),
		Dropout:       &nn.Dropout{P: c.Dropout},
		Linear2:       nn.NewLinear(c.DimFeedforward, c.DModel, true),
		Norm1:         nn.NewLayerNorm(c.DModel, true),
		Norm2:         nn.NewLayerNorm(c.DModel, true),
		Dropout1:      &nn.Dropout{P: c.Dropout},
		Dropout2:      &nn.Dropout{P: c.Dropout},
	}
}

func newAttention(c CoreConfig) *nn.MultiheadAttention {
	a := nn.NewMultiheadAttention(c.DModel, c.Heads, c.Dropout)
	a.Block = c.AttentionBlock
	return a
}

// String is PyTorch's name of the class.
func (l *EncoderLayer) String() string { return "TransformerEncoderLayer" }

// Forward maps x: [batch, length, d_model] to a like-shaped tensor and the attention's weights. mask: as in
// [nn.MultiheadAttention.Forward].
func (l *EncoderLayer) Forward(s *model.Scope, x, mask *graph.Node) (out, weights *graph.Node) {
	checkWidth(x, l.config.DModel)
	x = residual(s, l.config.NormFirst, l.Norm1, l.Dropout1, x, func(x *graph.Node) (y *graph.Node) {
		y, weights = l.SelfAttention.Forward(s, x, x, mask)
		return y
	})
	x = residual(s, l.config.NormFirst, l.Norm2, l.Dropout2, x, func(x *graph.Node) *graph.Node {
		return l.Linear2.Forward(s, l.Dropout.Forward(s, l.config.Activation.layer().Forward(s, l.Linear1.Forward(s, x))))
	})
	return x, weights
}

// DecoderLayer is PyTorch's nn.TransformerDecoderLayer: causal self-attention, attention to the source, a feed-forward part.
type DecoderLayer struct {
	config CoreConfig

	SelfAttention  *nn.MultiheadAttention `nn:"self_attn"`
	CrossAttention *nn.MultiheadAttention `nn:"multihead_attn"`
	Linear1        *nn.Linear             `nn:"linear1"`
	Dropout        *nn.Dropout            `nn:"dropout"`
	Linear2        *nn.Linear             `nn:"linear2"`
	Norm1          *nn.LayerNorm          `nn:"norm1"`
	Norm2          *nn.LayerNorm          `nn:"norm2"`
	Norm3          *nn.LayerNorm          `nn:"norm3"`
	Dropout1       *nn.Dropout            `nn:"dropout1"`
	Dropout2       *nn.Dropout            `nn:"dropout2"`
	Dropout3       *nn.Dropout            `nn:"dropout3"`
}

func newDecoderLayer(c CoreConfig) *DecoderLayer {
	return &DecoderLayer{
		config:         c,
		SelfAttention:  newAttention(c),
		CrossAttention: newAttention(c),
		Linear1:        nn.NewLinear(c.DModel, c.DimFeedforward, true),
		Dropout:        &nn.Dropout{P: c.Dropout},
		Linear2:        nn.NewLinear(c.DimFeedforward, c.DModel, true),
		Norm1:          nn.NewLayerNorm(c.DModel, true),
		Norm2:          nn.NewLayerNorm(c.DModel, true),
		Norm3:          nn.NewLayerNorm(c.DModel, true),
		Dropout1:       &nn.Dropout{P: c.Dropout},
		Dropout2:       &nn.Dropout{P: c.Dropout},
		Dropout3:       &nn.Dropout{P: c.Dropout},
	}
}

// String is PyTorch's name of the class.
func (l *DecoderLayer) String() string { return "TransformerDecoderLayer" }

// Forward maps x: [batch, target, d_model], which looks at itself through self and at memory through cross.
func (l *DecoderLayer) Forward(s *model.Scope, x, memory, self, cross *graph.Node) (out, selfWeights, crossWeights *graph.Node) {
	checkWidth(x, l.config.DModel)
	checkWidth(memory, l.config.DModel)
	out = l.parts(s, x, func(x *graph.Node) (y *graph.Node) {
		y, selfWeights = l.SelfAttention.Forward(s, x, x, self)
		return y
	}, func(x *graph.Node) (y *graph.Node) {
		y, crossWeights = l.CrossAttention.Forward(s, x, memory, cross)
		return y
	})
	return out, selfWeights, crossWeights
}

// parts puts the layer together from its two attentions, which a search computes from a cache.
func (l *DecoderLayer) parts(s *model.Scope, x *graph.Node, self, cross func(*graph.Node) *graph.Node) *graph.Node {
	x = residual(s, l.config.NormFirst, l.Norm1, l.Dropout1, x, self)
	x = residual(s, l.config.NormFirst, l.Norm2, l.Dropout2, x, cross)
	return residual(s, l.config.NormFirst, l.Norm3, l.Dropout3, x, func(x *graph.Node) *graph.Node {
		return l.Linear2.Forward(s, l.Dropout.Forward(s, l.config.Activation.layer().Forward(s, l.Linear1.Forward(s, x))))
	})
}

// residual is norm(x + dropout(part(x))), the paper's; or x + dropout(part(norm(x))), which needs no warm-up (Xiong et al., "On
// layer normalization in the Transformer architecture", 2020).
func residual(s *model.Scope, first bool, norm *nn.LayerNorm, drop *nn.Dropout, x *graph.Node, part func(*graph.Node) *graph.Node) *graph.Node {
	if first {
		return graph.Add(x, drop.Forward(s, part(norm.Forward(s, x))))
	}
	return norm.Forward(s, graph.Add(x, drop.Forward(s, part(x))))
}

func checkWidth(x *graph.Node, width int) {
	if x.Rank() != 3 || x.Shape().Dim(-1) != width {
		panic(fmt.Errorf("transformer: the core takes [batch, length, %d], was given %s", width, x.Shape()))
	}
}
