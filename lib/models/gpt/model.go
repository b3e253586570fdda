// Package gpt is the GPT-2 family (Radford et al., "Language models are unsupervised multitask learners", 2019): a transformer decoder
// that predicts each token from those before it. Parameters have the names and shapes of Hugging Face's GPT2LMHeadModel.
package gpt

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Net is a language model, layer by layer.
type Net struct {
	Config Config

	Transformer *Transformer `nn:"transformer"`
	Head        *nn.Linear   `nn:"lm_head"`
}

// Transformer is what comes before the head.
type Transformer struct {
	Tokens    *nn.Embedding `nn:"wte"`
	Positions *nn.Embedding `nn:"wpe"` // nil with rotary positions
	Dropout   *nn.Dropout   `nn:"drop"`
	Blocks    []*Block      `nn:"h"`
	Norm      layer         `nn:"ln_f"`
}

// layer maps a tensor to one of the same shape.
type layer interface {
	Forward(s *model.Scope, x *graph.Node) *graph.Node
}

// Block is one layer: attention, then a feed-forward part, each normalised before and added to what came in.
type Block struct {
	Norm1     layer        `nn:"ln_1"`
	Attention *Attention   `nn:"attn"`
	Norm2     layer        `nn:"ln_2"`
	MLP       *FeedForward `nn:"mlp"`
}

// FeedForward is the part that sees each position alone.
type FeedForward struct {
	Gate    *Conv1D     `nn:"c_gate"` // of SwiGLU alone
	In      *Conv1D     `nn:"c_fc"`
	Out     *Conv1D     `nn:"c_proj"`
	Dropout *nn.Dropout `nn:"dropout"`
}

// NewNet declares the layers, with GPT-2's first weights: N(0, 0.02²), and for what is added to the residual stream 1/√(2·layers) of
// that (section 2.3).
func NewNet(c Config) (*Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	const std = 0.02
	residual := std / math.Sqrt(2*float64(c.Layers))
	t := &Transformer{Tokens: nn.NewEmbedding(c.VocabSize, c.Embed), Dropout: &nn.Dropout{P: c.Dropout}, Norm: newNorm(c)}
	t.Tokens.Weight.Init = nn.NormalInit(0, std)
	if c.Positions == Learned {
		t.Positions = nn.NewEmbedding(c.Context, c.Embed)
		t.Positions.Weight.Init = nn.NormalInit(0, std)
	}
	for range c.Layers {
		mlp := &FeedForward{
			In:      newConv1D(c.Embed, c.inner(), c.Bias, std),
			Out:     newConv1D(c.inner(), c.Embed, c.Bias, residual),
			Dropout: &nn.Dropout{P: c.Dropout},
		}
		if c.MLP == SwiGLU {
			mlp.Gate = newConv1D(c.Embed, c.inner(), c.Bias, std)
		}
		t.Blocks = append(t.Blocks, &Block{newNorm(c), newAttention(c, std, residual), newNorm(c), mlp})
	}
	n := &Net{Config: c, Transformer: t, Head: nn.NewLinear(c.Embed, c.VocabSize, false)}
	n.Head.Weight.Init = nn.NormalInit(0, std)
	if !c.Untied {
		n.Head.Weight = t.Tokens.Weight
	}
	return nn.Name(n), nil
}

func newNorm(c Config) layer {
	if c.Norm == RMSNorm {
		return nn.NewRMSNorm(c.Embed, c.Eps)
	}
	n := nn.NewLayerNorm(c.Embed, c.Bias)
	n.Eps = c.Eps
	return n
}

// String is Hugging Face's name of the class.
func (n *Net) String() string { return "GPT2LMHeadModel" }

// Forward gives the logits of the token after each.
// tokens: integers [batch, length], logits: [batch, length, vocabulary].
func (n *Net) Forward(s *model.Scope, tokens *graph.Node) *graph.Node {
	return n.forward(s, tokens, (*Attention).Forward)
}

// forward is Forward with each layer's attention computed by attend.
func (n *Net) forward(s *model.Scope, tokens *graph.Node, attend func(a *Attention, s *model.Scope, x, positions *graph.Node) *graph.Node) *graph.Node {
	if tokens.Rank() != 2 || tokens.Shape().Dim(1) > n.Config.Context {
		panic(fmt.Errorf("gpt: a text is integers [batch, at most %d], was given %s", n.Config.Context, tokens.Shape()))
	}
	g, length := tokens.Graph(), tokens.Shape().Dim(1)
	x := n.Transformer.Tokens.Forward(s, tokens)
	if p := n.Transformer.Positions; p != nil {
		x = graph.Add(x, graph.InsertAxes(p.First(s, g, length), 0))
	}
	x = n.Transformer.Dropout.Forward(s, x)
	positions := graph.Iota(g, intShape(length), 0)
	for _, b := range n.Transformer.Blocks {
		x = b.forward(s, x, func(x *graph.Node) *graph.Node { return attend(b.Attention, s, x, positions) })
	}
	return n.Head.Forward(s, n.Transformer.Norm.Forward(s, x))
}

// forward maps x: [batch, length, embed] to a like-shaped tensor; attend is its attention.
func (b *Block) forward(s *model.Scope, x *graph.Node, attend func(x *graph.Node) *graph.Node) *graph.Node {
	x = graph.Add(x, attend(b.Norm1.Forward(s, x)))
	return graph.Add(x, b.MLP.Forward(s, b.Norm2.Forward(s, x)))
}

// Forward maps x: [batch, length, embed] to a like-shaped tensor.
func (f *FeedForward) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	h := f.In.Forward(s, x)
	if f.Gate != nil {
		h = graph.Mul(nn.SiLU{}.Forward(s, f.Gate.Forward(s, x)), h)
	} else {
		h = nn.GELU{Tanh: true}.Forward(s, h)
	}
	return f.Dropout.Forward(s, f.Out.Forward(s, h))
}

// Conv1D is Hugging Face's linear layer for GPT-2: y = x·W + b.
type Conv1D struct {
	In, Out int

	Weight *nn.Param `nn:"weight"` // [in, out]
	Bias   *nn.Param `nn:"bias"`   // [out]; nil without
}

func newConv1D(in, out int, bias bool, std float64) *Conv1D {
	c := &Conv1D{In: in, Out: out, Weight: &nn.Param{Shape: []int{in, out}, Init: nn.NormalInit(0, std)}}
	if bias {
		c.Bias = &nn.Param{Shape: []int{out}}
	}
	return c
}

// Forward maps x: [..., in] to [..., out].
func (c *Conv1D) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	dims := x.Shape().Clone().Dimensions
	y := graph.EinsumAxes(graph.Reshape(x, -1, c.In), c.Weight.Node(s, x.Graph()), [][2]int{{1, 0}}, nil)
	if c.Bias != nil {
		y = graph.Add(y, graph.InsertAxes(c.Bias.Node(s, x.Graph()), 0))
	}
	dims[len(dims)-1] = c.Out
	return nn.Observed(s, c, graph.Reshape(y, dims...))
}

// String is the line that Hugging Face prints.
func (c *Conv1D) String() string { return fmt.Sprintf("Conv1D(nf=%d, nx=%d)", c.Out, c.In) }
