package transformer

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Variant says which of the article's two encoders.
type Variant string

const (
	// Published computes what the article's code computes: the projections of value, key and query are made and never applied.
	Published Variant = "published"
	// Corrected applies them, dim→dim for each head. Scores are still divided by √embed_size, so that weights carry over; the paper
	// divides by √head_dim.
	Corrected Variant = "corrected"
)

func (v Variant) validate() error {
	if v != Published && v != Corrected {
		return fmt.Errorf("transformer: variant is %q: it must be %q or %q", v, Published, Corrected)
	}
	return nil
}

// AttentionConfig is the article's MultiHeadAttention.
type AttentionConfig struct {
	EmbedSize int     `json:"embed_size"` // a multiple of heads
	Heads     int     `json:"heads"`
	Variant   Variant `json:"variant"`
	// HeadScale divides scores by √head_dim, the paper's choice, instead of √embed_size, the article's.
	HeadScale bool `json:"head_scale,omitempty"`
}

// Validate reports the first field that makes no attention.
func (c AttentionConfig) Validate() error {
	if err := nn.CheckHeads("transformer", "embed_size", c.EmbedSize, "heads", c.Heads); err != nil {
		return err
	}
	return c.Variant.validate()
}

// EncoderConfig is the article's Encoder. The names in JSON are those of its constructor.
type EncoderConfig struct {
	EmbedSize        int     `json:"embed_size"`        // width, a multiple of heads
	NumLayers        int     `json:"num_layers"`        // blocks
	Heads            int     `json:"heads"`             // of each attention
	ForwardExpansion int     `json:"forward_expansion"` // width of a block's feed-forward layer, in embed_sizes
	Dropout          float64 `json:"dropout"`           // probability, 0 to less than 1
	MaxLength        int     `json:"max_length"`        // longest text, in tokens
	Variant          Variant `json:"variant"`
	// VocabSize is the number of tokens; 0 is max_length, as in the article, whose word embedding has that size.
	VocabSize int `json:"vocab_size,omitempty"`
	// HeadScale is that of [AttentionConfig].
	HeadScale bool `json:"head_scale,omitempty"`
}

// DefaultEncoder is the article's: 512 wide, 6 layers of 8 heads, texts up to 100 tokens.
func DefaultEncoder() EncoderConfig {
	return EncoderConfig{EmbedSize: 512, NumLayers: 6, Heads: 8, ForwardExpansion: 4, Dropout: 0.1, MaxLength: 100, Variant: Corrected}
}

// Validate reports the first field that makes no encoder.
func (c EncoderConfig) Validate() error {
	if err := c.attention().Validate(); err != nil {
		return err
	}
	for _, f := range []struct {
		name       string
		value, min int
	}{{"num_layers", c.NumLayers, 1}, {"forward_expansion", c.ForwardExpansion, 1}, {"max_length", c.MaxLength, 1}, {"vocab_size", c.VocabSize, 0}} {
		if f.value < f.min {
			return fmt.Errorf("transformer: %s is %d: it must be at least %d", f.name, f.value, f.min)
		}
	}
	return validateDropout(c.Dropout)
}

func validateDropout(p float64) error {
	if !(p >= 0 && p < 1) {
		return fmt.Errorf("transformer: dropout is %g: it must be at least 0 and less than 1", p)
	}
	return nil
}

func (c EncoderConfig) attention() AttentionConfig {
	return AttentionConfig{c.EmbedSize, c.Heads, c.Variant, c.HeadScale}
}

// MultiHeadAttention is the article's class of that name.
type MultiHeadAttention struct {
	config AttentionConfig

	Values  *nn.Linear `nn:"values"`
	Keys    *nn.Linear `nn:"keys"`
	Queries *nn.Linear `nn:"queries"`
	FCOut   *nn.Linear `nn:"fc_out"`
}

// NewMultiHeadAttention declares the layers.
func NewMultiHeadAttention(c AttentionConfig) (*MultiHeadAttention, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return nn.Name(newMultiHeadAttention(c)), nil
}

func newMultiHeadAttention(c AttentionConfig) *MultiHeadAttention {
	dim := c.EmbedSize / c.Heads
	projected := dim
	if c.Variant == Published {
		projected = c.EmbedSize
	}
	return &MultiHeadAttention{
		config:  c,
		Values:  nn.NewLinear(dim, projected, false),
		Keys:    nn.NewLinear(dim, projected, false),
		Queries: nn.NewLinear(dim, projected, false),
		FCOut:   nn.NewLinear(c.EmbedSize, c.EmbedSize, true),
	}
}

// String is the article's name of the class.
func (a *MultiHeadAttention) String() string { return "MultiHeadAttention" }

// Forward lets each query look at the keys and returns the values that it finds, mixed.
// values, keys: [batch, key, embed], query: [batch, query, embed]; mask: numbers broadcast to [batch, heads, query, key], 0 where
// not to look, or nil; out: [batch, query, embed], weights: [batch, heads, query, key].
// A row that is masked all over looks everywhere alike: its scores are all -1e20, as in the article.
func (a *MultiHeadAttention) Forward(s *model.Scope, values, keys, query, mask *graph.Node) (out, weights *graph.Node) {
	v, k, q := a.split("values", values), a.split("keys", keys), a.split("query", query)
	if a.config.Variant == Corrected {
		v, k, q = a.Values.Forward(s, v), a.Keys.Forward(s, k), a.Queries.Forward(s, q)
	}
	scale := 1 / math.Sqrt(float64(a.config.EmbedSize))
	if a.config.HeadScale {
		scale = 1 / math.Sqrt(float64(a.config.EmbedSize/a.config.Heads))
	}
	energy := nn.Scores(q, k, scale)
	if mask != nil {
		masked := graph.BroadcastToDims(graph.IsZero(mask), energy.Shape().Dimensions...)
		energy = graph.Where(masked, graph.AddScalar(graph.ZerosLike(energy), -1e20*scale), energy)
	}
	weights = graph.Softmax(energy, -1)
	return a.FCOut.Forward(s, graph.Reshape(nn.Mix(weights, v), query.Shape().Dimensions...)), weights
}

// split cuts x: [batch, length, embed] into heads: [batch, length, heads, dim].
func (a *MultiHeadAttention) split(name string, x *graph.Node) *graph.Node {
	if x.Rank() != 3 || x.Shape().Dim(-1) != a.config.EmbedSize {
		panic(fmt.Errorf("transformer: %s is [batch, length, %d], was given %s", name, a.config.EmbedSize, x.Shape()))
	}
	return graph.Reshape(x, x.Shape().Dim(0), x.Shape().Dim(1), a.config.Heads, a.config.EmbedSize/a.config.Heads)
}

// TransformerBlock is the article's class of that name: attention, then a feed-forward layer, each added to what it was given and
// normalised.
type TransformerBlock struct {
	Attention   *MultiHeadAttention `nn:"attention"`
	Norm1       *nn.LayerNorm       `nn:"norm1"`
	Norm2       *nn.LayerNorm       `nn:"norm2"`
	FeedForward nn.Sequential       `nn:"feed_forward"`
	Dropout     *nn.Dropout         `nn:"dropout"`
}

func newTransformerBlock(c EncoderConfig) *TransformerBlock {
	return &TransformerBlock{
		Attention: newMultiHeadAttention(c.attention()),
		Norm1:     nn.NewLayerNorm(c.EmbedSize, true),
		Norm2:     nn.NewLayerNorm(c.EmbedSize, true),
		FeedForward: nn.Sequential{
			nn.NewLinear(c.EmbedSize, c.ForwardExpansion*c.EmbedSize, true),
			nn.ReLU{},
			nn.NewLinear(c.ForwardExpansion*c.EmbedSize, c.EmbedSize, true),
		},
		Dropout: &nn.Dropout{P: c.Dropout},
	}
}

// String is the article's name of the class.
func (b *TransformerBlock) String() string { return "TransformerBlock" }

// Forward has the shapes of [MultiHeadAttention.Forward].
func (b *TransformerBlock) Forward(s *model.Scope, value, key, query, mask *graph.Node) (out, weights *graph.Node) {
	attention, weights := b.Attention.Forward(s, value, key, query, mask)
	x := b.Dropout.Forward(s, b.Norm1.Forward(s, graph.Add(attention, query)))
	return b.Dropout.Forward(s, b.Norm2.Forward(s, graph.Add(b.FeedForward.Forward(s, x), x))), weights
}

// Encoder is the article's class of that name.
type Encoder struct {
	Config EncoderConfig

	WordEmbedding     *nn.Embedding       `nn:"word_embedding"`
	PositionEmbedding *nn.Embedding       `nn:"position_embedding"`
	Layers            []*TransformerBlock `nn:"layers"`
	Dropout           *nn.Dropout         `nn:"dropout"`
}

// NewEncoder declares the layers.
func NewEncoder(c EncoderConfig) (*Encoder, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	vocab := c.VocabSize
	if vocab == 0 {
		vocab = c.MaxLength
	}
	e := &Encoder{
		Config:            c,
		WordEmbedding:     nn.NewEmbedding(vocab, c.EmbedSize),
		PositionEmbedding: nn.NewEmbedding(c.MaxLength, c.EmbedSize),
		Dropout:           &nn.Dropout{P: c.Dropout},
	}
	for range c.NumLayers {
		e.Layers = append(e.Layers, newTransformerBlock(c))
	}
	return nn.Name(e), nil
}

// String is the article's name of the class.
func (e *Encoder) String() string { return "Encoder" }

// Forward encodes tokens.
// x: integers [batch, length]; mask: numbers broadcast to [batch, heads, length, length], 0 where not to look, or nil;
// out: [batch, length, embed], weights: of each layer, [batch, heads, length, length].
func (e *Encoder) Forward(s *model.Scope, x, mask *graph.Node) (out *graph.Node, weights []*graph.Node) {
	if x.Rank() != 2 || x.Shape().Dim(1) > e.Config.MaxLength {
		panic(fmt.Errorf("transformer: the encoder takes tokens [batch, length ≤ %d], was given %s", e.Config.MaxLength, x.Shape()))
	}
	positions := e.PositionEmbedding.First(s, x.Graph(), x.Shape().Dim(1))
	out = e.Dropout.Forward(s, graph.Add(e.WordEmbedding.Forward(s, x), graph.InsertAxes(positions, 0)))
	for _, layer := range e.Layers {
		var w *graph.Node
		out, w = layer.Forward(s, out, out, out, mask)
		weights = append(weights, w)
	}
	return out, weights
}
