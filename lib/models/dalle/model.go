// Package dalle draws pictures from captions: Ramesh et al., "Zero-shot text-to-image generation", 2021. A dVAE (section 2.1) turns a
// picture to a grid of codes and back; a transformer (section 2.2) goes on from a caption's tokens with the picture's codes. The dVAE's
// parameters have the names of openai/DALL-E, the transformer's those of PyTorch's nn.TransformerEncoderLayer.
package dalle

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Net is both stages.
type Net struct {
	Pictures    *DVAE        `nn:"dvae"`
	Transformer *Transformer `nn:"transformer"`
}

// NewNet declares the layers.
func NewNet(c Config) (*Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return nn.Name(&Net{Pictures: newDVAE(c.Pictures), Transformer: newTransformer(c)}), nil
}

// String is the name of the class.
func (*Net) String() string { return "DALLE" }

// Transformer goes on from a text with a picture's codes. Its sequence is a beginning, the text's tokens and the codes, row by row; a text
// shorter than its room has a padding of its own at each place.
type Transformer struct {
	Text      *nn.Embedding                 `nn:"text_emb"`
	Places    *nn.Embedding                 `nn:"text_pos_emb"`
	Codes     *nn.Embedding                 `nn:"image_emb"`
	Rows      *nn.Embedding                 `nn:"row_emb"`
	Columns   *nn.Embedding                 `nn:"col_emb"`
	Layers    []*nn.TransformerEncoderLayer `nn:"layers"`
	Norm      *nn.LayerNorm                 `nn:"norm"`
	ToLogits  *nn.Linear                    `nn:"to_logits"`
	config    Config
	attention []string // each layer's kind
}

// NewTransformer declares the layers.
func NewTransformer(c Config) (*Transformer, error) {
	if err := c.validateTransformer(); err != nil {
		return nil, err
	}
	return nn.Name(newTransformer(c)), nil
}

func newTransformer(c Config) *Transformer {
	side := c.Pictures.side()
	t := &Transformer{
		Text: nn.NewEmbedding(c.textTokens(), c.Embed), Places: nn.NewEmbedding(c.TextLength+1, c.Embed),
		Codes: nn.NewEmbedding(c.Pictures.Vocab, c.Embed), Rows: nn.NewEmbedding(side, c.Embed), Columns: nn.NewEmbedding(side, c.Embed),
		Norm: nn.NewLayerNorm(c.Embed, true), ToLogits: nn.NewLinear(c.Embed, c.textTokens()+c.Pictures.Vocab, true), config: c,
	}
	for _, e := range []*nn.Embedding{t.Text, t.Places, t.Codes, t.Rows, t.Columns} {
		e.Weight.Init = nn.NormalInit(0, 0.02) // as GPT-2's: PyTorch's N(0, 1) would drown what the layers add
	}
	for range c.Layers {
		t.Layers = append(t.Layers, nn.NewTransformerEncoderLayer(nn.TransformerConfig{
			Embed: c.Embed, Heads: c.Heads, Inner: 4 * c.Embed, Activate: nn.GELU{}, NormFirst: true,
		}))
	}
	t.attention, _ = c.Attention.of(c.Layers) // checked by Validate
	return t
}

// String is the name of the class.
func (*Transformer) String() string { return "DALLETransformer" }

// Forward gives the logits of each text token, [batch, text length, text tokens], and of each code, [batch, codes, vocab], from what comes
// before it. text: integers [batch, text length], 0 where a text has ended; codes: integers [batch, side·side].
func (t *Transformer) Forward(s *model.Scope, text, codes *graph.Node) (textLogits, codeLogits *graph.Node) {
	c, length := t.config, t.config.TextLength
	x, _ := t.pass(s, text, codes)
	logits := t.logits(s, x)
	textLogits = graph.Slice(logits, graph.AxisRange(), graph.AxisRangeFromStart(length), graph.AxisRangeFromStart(c.textTokens()))
	codeLogits = graph.Slice(logits, graph.AxisRange(), graph.AxisRangeToEnd(length), graph.AxisRangeToEnd(c.textTokens()))
	return textLogits, codeLogits
}

// pass runs the sequence through the layers: [batch, text length + codes, embed], and each layer's weights, [batch, heads, query, key].
func (t *Transformer) pass(s *model.Scope, text, codes *graph.Node) (x *graph.Node, weights []*graph.Node) {
	length, side := t.config.TextLength, t.config.Pictures.side()
	if text.Rank() != 2 || text.Shape().Dim(1) != length || codes.Rank() != 2 || codes.Shape().Dim(1) != side*side {
		panic(fmt.Errorf("dalle: a text is integers [batch, %d] and its codes [batch, %d], was given %s and %s", length, side*side, text.Shape(), codes.Shape()))
	}
	x = t.embedText(s, text)
	if places := side*side - 1; places > 0 {
		x = graph.Concatenate([]*graph.Node{x, t.embedCodes(s, graph.SliceAxis(codes, 1, graph.AxisRangeFromStart(places)), 0)}, 1)
	}
	for i, layer := range t.Layers {
		mask := graph.InsertAxes(graph.Const(x.Graph(), visible(t.attention[i], length, side)), 0, 0)
		var w *graph.Node
		x, w = layer.Forward(s, x, mask)
		weights = append(weights, w)
	}
	return x, weights
}

// padded gives each place of a text its own padding. text: integers [batch, text length].
func (t *Transformer) padded(text *graph.Node) *graph.Node {
	own := graph.AddScalar(graph.Iota(text.Graph(), text.Shape(), 1), t.config.Vocab())
	return graph.Where(graph.Equal(text, graph.ZerosLike(text)), own, text)
}

// embedText gives the beginning and a text their vectors: [batch, 1 + text length, embed].
func (t *Transformer) embedText(s *model.Scope, text *graph.Node) *graph.Node {
	beginning := graph.Zeros(text.Graph(), shapes.Make(text.DType(), text.Shape().Dim(0), 1))
	tokens := graph.Concatenate([]*graph.Node{beginning, t.padded(text)}, 1)
	return graph.Add(t.Text.Forward(s, tokens), graph.InsertAxes(t.Places.First(s, text.Graph(), t.config.TextLength+1), 0))
}

// embedCodes gives codes, integers [batch, n], the vectors of places from, from+1, …: [batch, n, embed].
func (t *Transformer) embedCodes(s *model.Scope, codes *graph.Node, from int) *graph.Node {
	n := codes.Shape().Dim(1)
	place := graph.AddScalar(graph.Iota(codes.Graph(), shapes.Make(dtypes.Int32, n), 0), from)
	return graph.Add(t.Codes.Forward(s, codes), graph.InsertAxes(t.places(s, place), 0))
}

// places gives the vectors of places of the grid, int32 [n]: [n, embed].
func (t *Transformer) places(s *model.Scope, place *graph.Node) *graph.Node {
	side := t.config.Pictures.side()
	row := graph.Div(place, graph.AddScalar(graph.ZerosLike(place), side))
	column := graph.Sub(place, graph.MulScalar(row, side))
	return graph.Add(t.Rows.Forward(s, row), t.Columns.Forward(s, column))
}

// logits are those of all tokens, of texts and then of codes, [batch, n, tokens]. x: [batch, n, embed].
func (t *Transformer) logits(s *model.Scope, x *graph.Node) *graph.Node {
	return t.ToLogits.Forward(s, t.Norm.Forward(s, x))
}

// never is the logit of what can't come at a place.
const never = -math.MaxFloat32

// Joint puts logits of texts, [batch, text length, text tokens], and of codes, [batch, codes, vocab], in one, [batch, text length + codes,
// tokens], in which a text's place can say no code and a code's no text.
func Joint(text, codes *graph.Node) *graph.Node {
	fill := func(like *graph.Node, width int) *graph.Node {
		shape := shapes.Make(like.DType(), like.Shape().Dim(0), like.Shape().Dim(1), width)
		return graph.AddScalar(graph.Zeros(like.Graph(), shape), never)
	}
	return graph.Concatenate([]*graph.Node{
		graph.Concatenate([]*graph.Node{text, fill(text, codes.Shape().Dim(2))}, 2),
		graph.Concatenate([]*graph.Node{fill(codes, text.Shape().Dim(2)), codes}, 2),
	}, 1)
}

// Guide moves logits away from those without a caption: 1 leaves them (Ho & Salimans, "Classifier-free diffusion guidance", 2022,
// equation 6, for codes as in Gafni et al., "Make-A-Scene", 2022, section 3.4). scale is a scalar.
func Guide(conditional, unconditional, scale *graph.Node) *graph.Node {
	return graph.Add(unconditional, graph.Mul(scale, graph.Sub(conditional, unconditional)))
}
