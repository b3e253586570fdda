package nn

import (
	"cmp"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// TransformerConfig has the arguments of PyTorch's nn.TransformerEncoderLayer and nn.TransformerDecoderLayer, batch_first.
type TransformerConfig struct {
	Embed     int     // d_model, a multiple of Heads
	Heads     int     // of each attention
	Inner     int     // dim_feedforward: width between the two layers of the feed-forward part
	Dropout   float64 // probability, 0 to less than 1
	Activate  Layer   // between the two layers of the feed-forward part
	NormFirst bool    // normalise before each part rather than after its sum
	NoBias    bool    // linear layers and norms without biases
	Eps       float64 // of the norms; 0 is PyTorch's default, 1e-5
	// AttentionBlock is [MultiheadAttention].Block: 0 computes all scores at once.
	AttentionBlock int
}

func (c TransformerConfig) attention() *MultiheadAttention {
	a := NewAttention(AttentionConfig{Embed: c.Embed, Heads: c.Heads, NoBias: c.NoBias}, c.Dropout)
	a.Block = c.AttentionBlock
	return a
}

func (c TransformerConfig) norm() *LayerNorm {
	l := NewLayerNorm(c.Embed, !c.NoBias)
	l.Eps = cmp.Or(c.Eps, l.Eps)
	return l
}

// residual is norm(x + dropout(part(x))), the paper's; or x + dropout(part(norm(x))), which needs no warm-up (Xiong et al., "On
// layer normalization in the Transformer architecture", 2020).
func (c TransformerConfig) residual(s *model.Scope, norm *LayerNorm, drop *Dropout, x *graph.Node, part func(*graph.Node) *graph.Node) *graph.Node {
	if c.NormFirst {
		return graph.Add(x, drop.Forward(s, part(norm.Forward(s, x))))
	}
	return norm.Forward(s, graph.Add(x, drop.Forward(s, part(x))))
}

func (c TransformerConfig) check(x *graph.Node) {
	if x.Rank() != 3 || x.Shape().Dim(-1) != c.Embed {
		panic(errorf("a transformer's layer takes [batch, length, %d], was given %s", c.Embed, x.Shape()))
	}
}

// TransformerEncoder is PyTorch's nn.TransformerEncoder: layers, then a norm.
type TransformerEncoder struct {
	Layers []*TransformerEncoderLayer `nn:"layers"`
	Norm   *LayerNorm                 `nn:"norm"` // nil: none
}

// NewTransformerEncoder declares the layers, with a norm at the end, as nn.Transformer has them.
func NewTransformerEncoder(c TransformerConfig, layers int) *TransformerEncoder {
	e := &TransformerEncoder{Norm: c.norm()}
	for range layers {
		e.Layers = append(e.Layers, NewTransformerEncoderLayer(c))
	}
	return e
}

// String is PyTorch's name of the class.
func (e *TransformerEncoder) String() string { return "TransformerEncoder" }

// Forward maps x: [batch, length, embed] to a like-shaped tensor and each layer's attention weights. mask: as in
// [MultiheadAttention.Forward].
func (e *TransformerEncoder) Forward(s *model.Scope, x, mask *graph.Node) (out *graph.Node, weights []*graph.Node) {
	for _, layer := range e.Layers {
		var w *graph.Node
		x, w = layer.Forward(s, x, mask)
		weights = append(weights, w)
	}
	if e.Norm != nil {
		x = e.Norm.Forward(s, x)
	}
	return x, weights
}

// TransformerDecoder is PyTorch's nn.TransformerDecoder: layers, then a norm.
type TransformerDecoder struct {
	Layers []*TransformerDecoderLayer `nn:"layers"`
	Norm   *LayerNorm                 `nn:"norm"` // nil: none
}

// NewTransformerDecoder declares the layers, with a norm at the end, as nn.Transformer has them.
func NewTransformerDecoder(c TransformerConfig, layers int) *TransformerDecoder {
	d := &TransformerDecoder{Norm: c.norm()}
	for range layers {
		d.Layers = append(d.Layers, NewTransformerDecoderLayer(c))
	}
	return d
}

// String is PyTorch's name of the class.
func (d *TransformerDecoder) String() string { return "TransformerDecoder" }

// Forward maps x: [batch, target, embed], which looks at itself through the mask self and at memory: [batch, source, embed] through
// cross, to a like-shaped tensor and each layer's weights of both attentions.
func (d *TransformerDecoder) Forward(s *model.Scope, x, memory, self, cross *graph.Node) (out *graph.Node, selfWeights, crossWeights []*graph.Node) {
	for _, layer := range d.Layers {
		var ws, wc *graph.Node
		x, ws, wc = layer.Forward(s, x, memory, self, cross)
		selfWeights, crossWeights = append(selfWeights, ws), append(crossWeights, wc)
	}
	if d.Norm != nil {
		x = d.Norm.Forward(s, x)
	}
	return x, selfWeights, crossWeights
}

// TransformerEncoderLayer is PyTorch's nn.TransformerEncoderLayer: self-attention, then a feed-forward part (Vaswani et al.,
// "Attention is all you need", 2017, section 3.1).
type TransformerEncoderLayer struct {
	config TransformerConfig

	SelfAttention *MultiheadAttention `nn:"self_attn"`
	Linear1       *Linear             `nn:"linear1"`
	Dropout       *Dropout            `nn:"dropout"`
	Linear2       *Linear             `nn:"linear2"`
	Norm1         *LayerNorm          `nn:"norm1"`
	Norm2         *LayerNorm          `nn:"norm2"`
	Dropout1      *Dropout            `nn:"dropout1"`
	Dropout2      *Dropout            `nn:"dropout2"`
}

// NewTransformerEncoderLayer declares the parts.
func NewTransformerEncoderLayer(c TransformerConfig) *TransformerEncoderLayer {
	return &TransformerEncoderLayer{
		config:        c,
		SelfAttention: c.attention(),
		Linear1:       NewLinear(c.Embed, c.Inner, !c.NoBias),
		Dropout:       &Dropout{P: c.Dropout},
		Linear2:       NewLinear(c.Inner, c.Embed, !c.NoBias),
		Norm1:         c.norm(),
		Norm2:         c.norm(),
		Dropout1:      &Dropout{P: c.Dropout},
		Dropout2:      &Dropout{P: c.Dropout},
	}
}

// String is PyTorch's name of the class.
func (l *TransformerEncoderLayer) String() string { return "TransformerEncoderLayer" }

// Forward maps x: [batch, length, embed] to a like-shaped tensor and the attention's weights. mask: as in [MultiheadAttention.Forward].
func (l *TransformerEncoderLayer) Forward(s *model.Scope, x, mask *graph.Node) (out, weights *graph.Node) {
	out = l.ForwardWith(s, x, func(x *graph.Node) (y *graph.Node) {
		y, weights = l.SelfAttention.Forward(s, x, x, mask)
		return y
	})
	return out, weights
}

// ForwardWith is [TransformerEncoderLayer.Forward] with the attention as a function from [batch, length, embed] to the same shape: who
// draws token by token computes it from a cache.
func (l *TransformerEncoderLayer) ForwardWith(s *model.Scope, x *graph.Node, attention func(*graph.Node) *graph.Node) *graph.Node {
	l.config.check(x)
	x = l.config.residual(s, l.Norm1, l.Dropout1, x, attention)
	return l.config.residual(s, l.Norm2, l.Dropout2, x, func(x *graph.Node) *graph.Node {
		return l.Linear2.Forward(s, l.Dropout.Forward(s, l.config.Activate.Forward(s, l.Linear1.Forward(s, x))))
	})
}

// TransformerDecoderLayer is PyTorch's nn.TransformerDecoderLayer: self-attention, attention to what was encoded, a feed-forward part.
type TransformerDecoderLayer struct {
	config TransformerConfig

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
}

// NewTransformerDecoderLayer declares the parts.
func NewTransformerDecoderLayer(c TransformerConfig) *TransformerDecoderLayer {
	return &TransformerDecoderLayer{
		config:         c,
		SelfAttention:  c.attention(),
		CrossAttention: c.attention(),
		Linear1:        NewLinear(c.Embed, c.Inner, !c.NoBias),
		Dropout:        &Dropout{P: c.Dropout},
		Linear2:        NewLinear(c.Inner, c.Embed, !c.NoBias),
		Norm1:          c.norm(),
		Norm2:          c.norm(),
		Norm3:          c.norm(),
		Dropout1:       &Dropout{P: c.Dropout},
		Dropout2:       &Dropout{P: c.Dropout},
		Dropout3:       &Dropout{P: c.Dropout},
	}
}

// String is PyTorch's name of the class.
func (l *TransformerDecoderLayer) String() string { return "TransformerDecoderLayer" }

// Forward maps x: [batch, target, embed], which looks at itself through self and at memory: [batch, source, embed] through cross.
func (l *TransformerDecoderLayer) Forward(s *model.Scope, x, memory, self, cross *graph.Node) (out, selfWeights, crossWeights *graph.Node) {
	l.config.check(memory)
	out = l.ForwardWith(s, x, func(x *graph.Node) (y *graph.Node) {
		y, selfWeights = l.SelfAttention.Forward(s, x, x, self)
		return y
	}, func(x *graph.Node) (y *graph.Node) {
		y, crossWeights = l.CrossAttention.Forward(s, x, memory, cross)
		return y
	})
	return out, selfWeights, crossWeights
}

// ForwardWith is [TransformerDecoderLayer.Forward] with the two attentions as functions, each from [batch, target, embed] to the same
// shape: a search computes them from a cache.
func (l *TransformerDecoderLayer) ForwardWith(s *model.Scope, x *graph.Node, self, cross func(*graph.Node) *graph.Node) *graph.Node {
	l.config.check(x)
	x = l.config.residual(s, l.Norm1, l.Dropout1, x, self)
	x = l.config.residual(s, l.Norm2, l.Dropout2, x, cross)
	return l.config.residual(s, l.Norm3, l.Dropout3, x, func(x *graph.Node) *graph.Node {
		return l.Linear2.Forward(s, l.Dropout.Forward(s, l.config.Activate.Forward(s, l.Linear1.Forward(s, x))))
	})
}
