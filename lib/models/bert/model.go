// Package bert is the encoder of Devlin et al., "BERT: pre-training of deep bidirectional transformers for language understanding",
// 2019: each piece of a text looks at all others, to the left and to the right. Parameters have the names and shapes of Hugging Face's
// classes.
package bert

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Encoder is Hugging Face's BertModel.
type Encoder struct {
	Config Config

	Embeddings *Embeddings `nn:"embeddings"`
	Stack      *Stack      `nn:"encoder"`
	Pooler     *Pooler     `nn:"pooler"` // nil: none
}

// Embeddings turn pieces into vectors: the sum of what each is, where it stands and in which segment.
type Embeddings struct {
	Words     *nn.Embedding `nn:"word_embeddings"`
	Positions *nn.Embedding `nn:"position_embeddings"`
	Types     *nn.Embedding `nn:"token_type_embeddings"` // nil: none
	Norm      *nn.LayerNorm `nn:"LayerNorm"`
	Dropout   *nn.Dropout   `nn:"dropout"`
}

// Stack is the layers.
type Stack struct {
	Layers []*Layer `nn:"layer"`
}

// Layer is attention, then a feed-forward part, each added to what came in and then normalised.
type Layer struct {
	Attention *Attention `nn:"attention"`
	Inner     *Inner     `nn:"intermediate"`
	Output    *Output    `nn:"output"`
}

// Attention looks at the whole text.
type Attention struct {
	Self   *SelfAttention `nn:"self"`
	Output *Output        `nn:"output"`
}

// SelfAttention weighs the values of all places.
type SelfAttention struct {
	heads int

	Query   *nn.Linear  `nn:"query"`
	Key     *nn.Linear  `nn:"key"`
	Value   *nn.Linear  `nn:"value"`
	Dropout *nn.Dropout `nn:"dropout"`
}

// Output projects, adds what came in, and normalises.
type Output struct {
	class string

	Dense   *nn.Linear    `nn:"dense"`
	Norm    *nn.LayerNorm `nn:"LayerNorm"`
	Dropout *nn.Dropout   `nn:"dropout"`
}

// Inner is the first half of the feed-forward part.
type Inner struct {
	Dense    *nn.Linear `nn:"dense"`
	Activate nn.Layer   `nn:"intermediate_act_fn"`
}

// Pooler makes one vector of the first piece's.
type Pooler struct {
	Dense    *nn.Linear `nn:"dense"`
	Activate nn.Tanh    `nn:"activation"`
}

// NewEncoder declares the layers, with BERT's first weights, N(0, 0.02²).
func NewEncoder(c Config) (*Encoder, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return nn.Name(newEncoder(c, true)), nil
}

func newEncoder(c Config, pooler bool) *Encoder {
	e := &Encoder{Config: c, Stack: &Stack{}, Embeddings: &Embeddings{
		Words:     newTable(c.VocabSize, c.Embed).WithPadding(c.Padding),
		Positions: newTable(c.Context, c.Embed),
		Norm:      newNorm(c),
		Dropout:   &nn.Dropout{P: c.Dropout},
	}}
	if c.Types > 0 {
		e.Embeddings.Types = newTable(c.Types, c.Embed)
	}
	for range c.Layers {
		e.Stack.Layers = append(e.Stack.Layers, &Layer{
			Attention: &Attention{
				Self: &SelfAttention{
					heads: c.Heads,
					Query: newLinear(c.Embed, c.Embed), Key: newLinear(c.Embed, c.Embed), Value: newLinear(c.Embed, c.Embed),
					Dropout: &nn.Dropout{P: c.AttnDropout},
				},
				Output: newOutput(c, "BertSelfOutput", c.Embed),
			},
			Inner:  &Inner{newLinear(c.Embed, c.Inner), activation(c.Activation)},
			Output: newOutput(c, "BertOutput", c.Inner),
		})
	}
	if pooler {
		e.Pooler = &Pooler{Dense: newLinear(c.Embed, c.Embed)}
	}
	return e
}

// std is of the first weights (appendix A.2, by the authors' code).
const std = 0.02

func newTable(rows, embed int) *nn.Embedding {
	t := nn.NewEmbedding(rows, embed)
	t.Weight.Init = nn.NormalInit(0, std)
	return t
}

func newLinear(in, out int) *nn.Linear {
	l := nn.NewLinear(in, out, true)
	l.Weight.Init, l.Bias.Init = nn.NormalInit(0, std), nil
	return l
}

func newNorm(c Config) *nn.LayerNorm {
	n := nn.NewLayerNorm(c.Embed, true)
	n.Eps = c.Eps
	return n
}

func newOutput(c Config, class string, in int) *Output {
	return &Output{class: class, Dense: newLinear(in, c.Embed), Norm: newNorm(c), Dropout: &nn.Dropout{P: c.Dropout}}
}

func activation(a Activation) nn.Layer {
	switch a {
	case ReLU:
		return nn.ReLU{}
	case GELUTanh:
		return nn.GELU{Tanh: true}
	}
	return nn.GELU{}
}

// Text is a batch of texts, integers [batch, length] each. All but Pieces may be nil.
type Text struct {
	Pieces    *graph.Node // numbers in the vocabulary
	Mask      *graph.Node // 0 where there is padding, which nothing looks at; nil: none
	Types     *graph.Node // the segment that each piece belongs to; nil: 0
	Positions *graph.Node // where each piece stands; nil: 0, 1, …
}

// Forward gives the vector of each piece, [batch, length, embed].
func (e *Encoder) Forward(s *model.Scope, t Text) *graph.Node {
	if t.Pieces.Rank() != 2 || t.Pieces.Shape().Dim(1) > e.Config.Longest() {
		panic(fmt.Errorf("bert: a text is integers [batch, at most %d], was given %s", e.Config.Longest(), t.Pieces.Shape()))
	}
	var mask *graph.Node
	if t.Mask != nil {
		mask = nn.KeyMask(graph.NotEqual(t.Mask, graph.ZerosLike(t.Mask)))
	}
	x := e.Embeddings.Forward(s, t, e.Config.FirstPosition)
	for _, layer := range e.Stack.Layers {
		x = layer.Forward(s, x, mask)
	}
	return x
}

// Forward gives each piece's vector before the first layer, [batch, length, embed]. first is the row of the first position.
func (e *Embeddings) Forward(s *model.Scope, t Text, first int) *graph.Node {
	g := t.Pieces.Graph()
	x := e.Words.Forward(s, t.Pieces)
	if e.Types != nil {
		types := t.Types
		if types == nil {
			types = graph.ZerosLike(t.Pieces)
		}
		x = graph.Add(x, e.Types.Forward(s, types))
	}
	positions := t.Positions
	if positions == nil {
		positions = graph.Iota(g, shapes.Make(dtypes.Int32, 1, t.Pieces.Shape().Dim(1)), 1)
	}
	x = graph.Add(x, e.Positions.Forward(s, graph.AddScalar(positions, first)))
	return e.Dropout.Forward(s, e.Norm.Forward(s, x))
}

// Forward maps x: [batch, length, embed] to a like-shaped tensor; mask: bool [batch, 1, 1, length], what may be looked at, or nil.
func (l *Layer) Forward(s *model.Scope, x, mask *graph.Node) *graph.Node {
	x = l.Attention.Output.Forward(s, l.Attention.Self.Forward(s, x, mask), x)
	return nn.Observed(s, l, l.Output.Forward(s, l.Inner.Activate.Forward(s, l.Inner.Dense.Forward(s, x)), x))
}

// Forward maps x: [batch, length, embed] to a like-shaped tensor.
func (a *SelfAttention) Forward(s *model.Scope, x, mask *graph.Node) *graph.Node {
	batch, length, embed := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2)
	split := func(l *nn.Linear) *graph.Node {
		return graph.Reshape(l.Forward(s, x), batch, length, a.heads, embed/a.heads)
	}
	q, k, v := split(a.Query), split(a.Key), split(a.Value)
	return nn.AttendHeads(s, q, nn.KeysLast(k), nn.HeadsFirst(v), mask, a.Dropout)
}

// Forward projects h: [batch, length, in] and adds x: [batch, length, embed].
func (o *Output) Forward(s *model.Scope, h, x *graph.Node) *graph.Node {
	return o.Norm.Forward(s, graph.Add(o.Dropout.Forward(s, o.Dense.Forward(s, h)), x))
}

// Forward makes [batch, embed] of the first piece's vector; hidden: [batch, length, embed].
func (p *Pooler) Forward(s *model.Scope, hidden *graph.Node) *graph.Node {
	first := graph.Squeeze(graph.SliceAxis(hidden, 1, graph.AxisRange(0, 1)), 1)
	return p.Activate.Forward(s, p.Dense.Forward(s, first))
}

// Mean is the mean of a text's vectors, padding left out: [batch, embed]. hidden: [batch, length, embed], mask as in [Text].
func Mean(hidden, mask *graph.Node) *graph.Node {
	if mask == nil {
		return graph.ReduceMean(hidden, 1)
	}
	weight := graph.InsertAxes(graph.ConvertDType(graph.NotEqual(mask, graph.ZerosLike(mask)), hidden.DType()), -1)
	return graph.Div(graph.ReduceSum(graph.Mul(hidden, weight), 1), graph.MaxScalar(graph.ReduceSum(weight, 1), 1e-9))
}

// Unit makes each row of x: [batch, embed] of length 1.
func Unit(x *graph.Node) *graph.Node {
	length := graph.Sqrt(graph.ReduceAndKeep(graph.Square(x), graph.ReduceSum, -1))
	return graph.Div(x, graph.MaxScalar(length, 1e-12))
}

// String is Hugging Face's name of the class, as are those below.
func (*Encoder) String() string       { return "BertModel" }
func (*Embeddings) String() string    { return "BertEmbeddings" }
func (*Stack) String() string         { return "BertEncoder" }
func (*Layer) String() string         { return "BertLayer" }
func (*Attention) String() string     { return "BertAttention" }
func (*SelfAttention) String() string { return "BertSelfAttention" }
func (o *Output) String() string      { return o.class }
func (*Inner) String() string         { return "BertIntermediate" }
func (*Pooler) String() string        { return "BertPooler" }
