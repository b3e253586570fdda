// Package clip tells how well pictures and captions fit: Radford et al., "Learning transferable visual models from natural language
// supervision", 2021. Two encoders, of pictures and of texts, learn that a picture and its own caption point the same way. Parameters have
// the names of openai/CLIP.
package clip

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Net is both encoders.
type Net struct {
	Positions  *nn.Param     `nn:"positional_embedding"` // [text length, embed]
	Projection *nn.Param     `nn:"text_projection"`      // [embed, joint]
	Scale      *nn.Param     `nn:"logit_scale"`          // []: the logarithm of what similarities are multiplied by
	Pictures   *Pictures     `nn:"visual"`
	Texts      *stack        `nn:"transformer"`
	Tokens     *nn.Embedding `nn:"token_embedding"`
	Norm       *nn.LayerNorm `nn:"ln_final"`

	config Config
}

// Pictures is the encoder of pictures, a Vision Transformer with a norm before its layers.
type Pictures struct {
	Class      *nn.Param     `nn:"class_embedding"`      // [embed]
	Positions  *nn.Param     `nn:"positional_embedding"` // [1 + patches, embed]
	Projection *nn.Param     `nn:"proj"`                 // [embed, joint]
	Patches    *nn.Conv      `nn:"conv1"`
	NormBefore *nn.LayerNorm `nn:"ln_pre"`
	Layers     *stack        `nn:"transformer"`
	NormAfter  *nn.LayerNorm `nn:"ln_post"`
}

type stack struct {
	Blocks []*block `nn:"resblocks"`
}

// block is a layer: attention, then two linear layers, each behind a norm and added to what came.
type block struct {
	Attention *nn.MultiheadAttention `nn:"attn"`
	Norm1     *nn.LayerNorm          `nn:"ln_1"`
	Inner     *inner                 `nn:"mlp"`
	Norm2     *nn.LayerNorm          `nn:"ln_2"`
}

type inner struct {
	In       *nn.Linear `nn:"c_fc"`
	Activate quickGELU  `nn:"gelu"`
	Out      *nn.Linear `nn:"c_proj"`
}

// quickGELU is x·sigmoid(1.702·x).
type quickGELU struct{}

// Forward maps x to a like-shaped tensor.
func (quickGELU) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	return graph.Mul(x, graph.Sigmoid(graph.MulScalar(x, 1.702)))
}

// The names that PyTorch prints.

func (*Net) String() string      { return "CLIP" }
func (*Pictures) String() string { return "VisionTransformer" }
func (*stack) String() string    { return "Transformer" }
func (*block) String() string    { return "ResidualAttentionBlock" }
func (*inner) String() string    { return "Sequential" }
func (quickGELU) String() string { return "QuickGELU()" }

// NewNet declares the layers, with openai/CLIP's first weights.
func NewNet(c Config) (*Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	normal := func(std float64, shape ...int) *nn.Param {
		return &nn.Param{Shape: shape, Init: nn.NormalInit(0, std)}
	}
	patches := (c.ImageSize / c.PatchSize) * (c.ImageSize / c.PatchSize)
	of := 1 / math.Sqrt(float64(c.PictureEmbed))
	n := &Net{
		Positions:  normal(0.01, c.TextLength, c.Embed),
		Projection: normal(1/math.Sqrt(float64(c.Embed)), c.Embed, c.Joint),
		Scale:      &nn.Param{Init: nn.ConstInit(math.Log(1 / 0.07))},
		Pictures: &Pictures{
			Class: normal(of, c.PictureEmbed), Positions: normal(of, 1+patches, c.PictureEmbed), Projection: normal(of, c.PictureEmbed, c.Joint),
			Patches:    nn.NewConv2d(c.Channels, c.PictureEmbed, []int{c.PatchSize}, nn.ConvOptions{Stride: []int{c.PatchSize}, NoBias: true}),
			NormBefore: nn.NewLayerNorm(c.PictureEmbed, true), NormAfter: nn.NewLayerNorm(c.PictureEmbed, true),
			Layers: newStack(c.PictureEmbed, c.PictureHeads, c.PictureLayers),
		},
		Texts:  newStack(c.Embed, c.Heads, c.Layers),
		Tokens: nn.NewEmbedding(c.Vocab(), c.Embed),
		Norm:   nn.NewLayerNorm(c.Embed, true),
		config: c,
	}
	n.Tokens.Weight.Init = nn.NormalInit(0, 0.02)
	return nn.Name(n), nil
}

func newStack(embed, heads, layers int) *stack {
	s := &stack{}
	out, in := nn.NormalInit(0, 1/math.Sqrt(2*float64(embed*layers))), nn.NormalInit(0, 1/math.Sqrt(2*float64(embed)))
	for range layers {
		b := &block{
			Attention: nn.NewMultiheadAttention(embed, heads, 0), Norm1: nn.NewLayerNorm(embed, true), Norm2: nn.NewLayerNorm(embed, true),
			Inner: &inner{In: nn.NewLinear(embed, 4*embed, true), Out: nn.NewLinear(4*embed, embed, true)},
		}
		b.Attention.InWeight.Init, b.Attention.Out.Weight.Init = nn.NormalInit(0, 1/math.Sqrt(float64(embed))), out
		b.Inner.In.Weight.Init, b.Inner.Out.Weight.Init = in, out
		s.Blocks = append(s.Blocks, b)
	}
	return s
}

// forward maps x: [batch, length, embed] to a like-shaped tensor. mask: as in [nn.MultiheadAttention.Forward].
func (t *stack) forward(s *model.Scope, x, mask *graph.Node) *graph.Node {
	for _, b := range t.Blocks {
		h := b.Norm1.Forward(s, x)
		h, _ = b.Attention.Forward(s, h, h, mask)
		x = graph.Add(x, h)
		x = graph.Add(x, b.Inner.Out.Forward(s, b.Inner.Activate.Forward(s, b.Inner.In.Forward(s, b.Norm2.Forward(s, x)))))
	}
	return x
}

// EncodePictures gives where pictures point, of length 1: [batch, joint]. x: [batch, size, size, channels].
func (n *Net) EncodePictures(s *model.Scope, x *graph.Node) *graph.Node {
	c, p, g := n.config, n.Pictures, x.Graph()
	if x.Rank() != 4 || x.Shape().Dim(1) != c.ImageSize || x.Shape().Dim(2) != c.ImageSize || x.Shape().Dim(3) != c.Channels {
		panic(fmt.Errorf("clip: pictures are [batch, %d, %d, %d], was given %s", c.ImageSize, c.ImageSize, c.Channels, x.Shape()))
	}
	batch := x.Shape().Dim(0)
	h := graph.Reshape(p.Patches.Forward(s, x), batch, -1, c.PictureEmbed)
	class := graph.BroadcastToDims(graph.Reshape(p.Class.Node(s, g), 1, 1, -1), batch, 1, c.PictureEmbed)
	h = graph.Add(graph.Concatenate([]*graph.Node{class, h}, 1), graph.InsertAxes(p.Positions.Node(s, g), 0))
	h = p.Layers.forward(s, p.NormBefore.Forward(s, h), nil)
	first := graph.Squeeze(graph.SliceAxis(h, 1, graph.AxisElem(0)), 1)
	return nn.Normalize(project(p.NormAfter.Forward(s, first), p.Projection.Node(s, g)), 2, -1, 1e-12)
}

// EncodeTexts gives where texts point, of length 1: [batch, joint]. text: integers [batch, text length], whose largest token is the text's
// end: what stands there is what the text says.
func (n *Net) EncodeTexts(s *model.Scope, text *graph.Node) *graph.Node {
	c, g := n.config, text.Graph()
	if text.Rank() != 2 || text.Shape().Dim(1) != c.TextLength {
		panic(fmt.Errorf("clip: texts are integers [batch, %d], was given %s", c.TextLength, text.Shape()))
	}
	h := graph.Add(n.Tokens.Forward(s, text), graph.InsertAxes(n.Positions.Node(s, g), 0))
	h = n.Norm.Forward(s, n.Texts.forward(s, h, nn.Causal(g, c.TextLength)))
	end := graph.Squeeze(nn.TakeRows(h, graph.InsertAxes(nn.ArgMax(text), -1)), 1)
	return nn.Normalize(project(end, n.Projection.Node(s, g)), 2, -1, 1e-12)
}

func project(x, weight *graph.Node) *graph.Node {
	return graph.EinsumAxes(x, weight, [][2]int{{1, 0}}, nil)
}

// most is what similarities are multiplied by at most (section 2.5).
const most = 100

// Logits are the scaled cosines of all pictures with all texts, [pictures, texts].
func (n *Net) Logits(s *model.Scope, pictures, texts *graph.Node) *graph.Node {
	scale := graph.MinScalar(graph.Exp(n.Scale.Node(s, pictures.Graph())), most)
	return graph.Mul(graph.EinsumAxes(pictures, texts, [][2]int{{1, 1}}, nil), scale)
}
