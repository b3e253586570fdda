package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// TransformerConfig says what a layer of a transformer is; PyTorch's arguments.
type TransformerConfig struct {
	Dim, Heads  int // Heads divides Dim
	FeedForward int // the width between the two linear layers; PyTorch's default is 2048
	Dropout     float64
	Activation  Layer // nil is PyTorch's default, ReLU
	NormFirst   bool  // norms stand before what they belong to (Xiong et al., "On layer normalization in the transformer architecture", 2020)
	NoBias      bool
	Eps         float64 // of the norms; 0 is PyTorch's default, 1e-5
}

// TransformerEncoderLayer is PyTorch's nn.TransformerEncoderLayer with batch_first (Vaswani et al., "Attention is all you need", 2017,
// section 3.1).
type TransformerEncoderLayer struct {
	SelfAttention *MultiheadAttention `nn:"self_attn"`
	Linear1       *Linear             `nn:"linear1"`
	Dropout       *Dropout            `nn:"dropout"`
	Linear2       *Linear             `nn:"linear2"`
	Norm1         *LayerNorm          `nn:"norm1"`
	Norm2         *LayerNorm          `nn:"norm2"`
	Dropout1      *Dropout            `nn:"dropout1"`
	Dropout2      *Dropout            `nn:"dropout2"`

	config TransformerConfig
}

// NewTransformerEncoderLayer has PyTorch's initialisation.
func NewTransformerEncoderLayer(c TransformerConfig) *TransformerEncoderLayer {
	return &TransformerEncoderLayer{
		SelfAttention: c.attention(),
		Linear1:       NewLinear(c.Dim, c.FeedForward, !c.NoBias), Dropout: c.dropout(), Linear2: NewLinear(c.FeedForward, c.Dim, !c.NoBias),
		Norm1: c.norm(), Norm2: c.norm(),
		Dropout1: c.dropout(), Dropout2: c.dropout(),
		config: c,
	}
}

func (c TransformerConfig) attention() *MultiheadAttention {
	return NewAttention(AttentionConfig{Embed: c.Dim, Heads: c.Heads, NoBias: c.NoBias}, c.Dropout)
}

func (c TransformerConfig) dropout() *Dropout { return &Dropout{P: c.Dropout} }

func (c TransformerConfig) norm() *LayerNorm {
	l := NewLayerNorm(c.Dim, !c.NoBias)
	l.Eps = orDefault(c.Eps, l.Eps)
	return l
}

// residual adds to x what a part makes of it, the norm before or after.
func (c TransformerConfig) residual(s *model.Scope, x *graph.Node, norm *LayerNorm, dropout *Dropout, part func(x *graph.Node) *graph.Node) *graph.Node {
	if c.NormFirst {
		return graph.Add(x, dropout.Forward(s, part(norm.Forward(s, x))))
	}
	return norm.Forward(s, graph.Add(x, dropout.Forward(s, part(x))))
}

func (c TransformerConfig) feedForward(s *model.Scope, x *graph.Node, first, second *Linear, dropout *Dropout) *graph.Node {
	var activation Layer = ReLU{}
	if c.Activation != nil {
		activation = c.Activation
	}
	return second.Forward(s, dropout.Forward(s, activation.Forward(s, first.Forward(s, x))))
}

// Forward maps x: [batch, length, dim] to a like-shaped tensor. mask: as in [MultiheadAttention.Forward], or nil.
func (l *TransformerEncoderLayer) Forward(s *model.Scope, x, mask *graph.Node) *graph.Node {
	x = l.config.residual(s, x, l.Norm1, l.Dropout1, func(x *graph.Node) *graph.Node {
		y, _ := l.SelfAttention.Forward(s, x, x, mask)
		return y
	})
	x = l.config.residual(s, x, l.Norm2, l.Dropout2, func(x *graph.Node) *graph.Node {
		return l.config.feedForward(s, x, l.Linear1, l.Linear2, l.Dropout)
	})
	return Seen(s, l, x)
}

// String is the name that PyTorch prints.
func (l *TransformerEncoderLayer) String() string { return "TransformerEncoderLayer" }

// TransformerDecoderLayer is PyTorch's nn.TransformerDecoderLayer with batch_first.
type TransformerDecoderLayer struct {
	SelfAttention  *MultiheadAttention `nn:"self_attn"`
	CrossAttention *MultiheadAttention `nn:"multihead_attn"`
	Linear1        *Linear             `nn:"linear1"`
	Dropout        *Dropout            `nn:"dropout"`
	Linear2        *Linear             `nn:"linear2"`
	Norm1          *LayerNorm          `nn:"norm1"`
	Norm2          *LayerNorm          `nn:"norm2"`
	Norm3          *LayerNorm          `nn:"norm3"`
	Dropout1       *Dropout            `nn:"dropout1"`
	Dropout2       *Dropout            `nn:"dropout2"`
	Dropout3       *Dropout            `nn:"dropout3"`

	config TransformerConfig
}

// NewTransformerDecoderLayer has PyTorch's initialisation.
func NewTransformerDecoderLayer(c TransformerConfig) *TransformerDecoderLayer {
	return &TransformerDecoderLayer{
		SelfAttention: c.attention(), CrossAttention: c.attention(),
		Linear1: NewLinear(c.Dim, c.FeedForward, !c.NoBias), Dropout: c.dropout(), Linear2: NewLinear(c.FeedForward, c.Dim, !c.NoBias),
		Norm1: c.norm(), Norm2: c.norm(), Norm3: c.norm(),
		Dropout1: c.dropout(), Dropout2: c.dropout(), Dropout3: c.dropout(),
		config: c,
	}
}

// Forward maps x: [batch, length, dim] to a like-shaped tensor; it looks at itself and at memory, [batch, source length, dim], where the
// masks allow, which are as in [MultiheadAttention.Forward], or nil.
func (l *TransformerDecoderLayer) Forward(s *model.Scope, x, memory, mask, memoryMask *graph.Node) *graph.Node {
	x = l.config.residual(s, x, l.Norm1, l.Dropout1, func(x *graph.Node) *graph.Node {
		y, _ := l.SelfAttention.Forward(s, x, x, mask)
		return y
	})
	x = l.config.residual(s, x, l.Norm2, l.Dropout2, func(x *graph.Node) *graph.Node {
		y, _ := l.CrossAttention.Forward(s, x, memory, memoryMask)
		return y
	})
	x = l.config.residual(s, x, l.Norm3, l.Dropout3, func(x *graph.Node) *graph.Node {
		return l.config.feedForward(s, x, l.Linear1, l.Linear2, l.Dropout)
	})
	return Seen(s, l, x)
}

// String is the name that PyTorch prints.
func (l *TransformerDecoderLayer) String() string { return "TransformerDecoderLayer" }

// TransformerEncoder is PyTorch's nn.TransformerEncoder.
type TransformerEncoder struct {
	Layers []*TransformerEncoderLayer `nn:"layers"`
	Norm   *LayerNorm                 `nn:"norm"` // nil without
}

// NewTransformerEncoder stacks layers; norm, after the last, may be nil.
func NewTransformerEncoder(c TransformerConfig, layers int, norm *LayerNorm) *TransformerEncoder {
	e := &TransformerEncoder{Norm: norm}
	for range layers {
		e.Layers = append(e.Layers, NewTransformerEncoderLayer(c))
	}
	return e
}

// Forward maps x: [batch, length, dim] to a like-shaped tensor; mask as in [TransformerEncoderLayer.Forward].
func (e *TransformerEncoder) Forward(s *model.Scope, x, mask *graph.Node) *graph.Node {
	for _, l := range e.Layers {
		x = l.Forward(s, x, mask)
	}
	if e.Norm != nil {
		x = e.Norm.Forward(s, x)
	}
	return Seen(s, e, x)
}

// TransformerDecoder is PyTorch's nn.TransformerDecoder.
type TransformerDecoder struct {
	Layers []*TransformerDecoderLayer `nn:"layers"`
	Norm   *LayerNorm                 `nn:"norm"` // nil without
}

// NewTransformerDecoder stacks layers; norm, after the last, may be nil.
func NewTransformerDecoder(c TransformerConfig, layers int, norm *LayerNorm) *TransformerDecoder {
	d := &TransformerDecoder{Norm: norm}
	for range layers {
		d.Layers = append(d.Layers, NewTransformerDecoderLayer(c))
	}
	return d
}

// Forward maps x: [batch, length, dim] to a like-shaped tensor; the rest as in [TransformerDecoderLayer.Forward].
func (d *TransformerDecoder) Forward(s *model.Scope, x, memory, mask, memoryMask *graph.Node) *graph.Node {
	for _, l := range d.Layers {
		x = l.Forward(s, x, memory, mask, memoryMask)
	}
	if d.Norm != nil {
		x = d.Norm.Forward(s, x)
	}
	return Seen(s, d, x)
}
