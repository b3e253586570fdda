package transformer

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Net is a translator, layer by layer: the paper's figure 1.
type Net struct {
	Config Config

	Source         *nn.Embedding `nn:"src_embedding"`
	Target         *nn.Embedding `nn:"tgt_embedding"`
	SourcePosition *nn.Embedding `nn:"src_position"` // nil with sinusoids
	TargetPosition *nn.Embedding `nn:"tgt_position"` // nil with sinusoids
	Dropout        *nn.Dropout   `nn:"dropout"`
	Core           *Core         `nn:"transformer"`
	Generator      *nn.Linear    `nn:"generator"`
}

// NewNet declares the layers.
func NewNet(c Config) (*Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	// Embeddings are multiplied by √d_model: they begin with a size of 1 after that, and fit to be the output's weights.
	embedding := func(n int) *nn.Embedding {
		e := nn.NewEmbedding(n, c.DModel)
		e.Weight.Init = nn.NormalInit(0, 1/math.Sqrt(float64(c.DModel)))
		return e
	}
	n := &Net{
		Config:    c,
		Source:    embedding(c.SourceVocab),
		Target:    embedding(c.TargetVocab),
		Dropout:   &nn.Dropout{P: c.Dropout},
		Core:      newCore(c.CoreConfig),
		Generator: nn.NewLinear(c.DModel, c.TargetVocab, !c.TieOutput),
	}
	if c.TieSource {
		n.Target.Weight = n.Source.Weight
	}
	if c.TieOutput {
		n.Generator.Weight = n.Target.Weight
	}
	if c.Positions == Learned {
		n.SourcePosition, n.TargetPosition = nn.NewEmbedding(c.MaxLength, c.DModel), nn.NewEmbedding(c.MaxLength, c.DModel)
	}
	return nn.Name(n), nil
}

// String names the class, as the parity cases do.
func (n *Net) String() string { return "Translator" }

// Forward gives the logits of each target token after those before it.
// src: tokens [batch, source], tgt: [batch, target], Pad where a text has ended; logits: [batch, target, vocabulary].
func (n *Net) Forward(s *model.Scope, src, tgt *graph.Node) (logits *graph.Node, w Weights) {
	srcReal, tgtReal := real(src), real(tgt)
	out, w := n.Core.Forward(s, n.embed(s, n.Source, n.SourcePosition, src), n.embed(s, n.Target, n.TargetPosition, tgt), srcReal, tgtReal)
	return n.Generator.Forward(s, out), w
}

// real says which tokens aren't padding.
func real(tokens *graph.Node) *graph.Node {
	return graph.NotEqual(tokens, graph.Scalar(tokens.Graph(), tokens.DType(), Pad))
}

// embed sums a text's token and position embeddings. tokens: [batch, length], result: [batch, length, d_model].
func (n *Net) embed(s *model.Scope, table, position *nn.Embedding, tokens *graph.Node) *graph.Node {
	length := tokens.Shape().Dim(1)
	x := graph.Add(n.scaled(s, table, tokens), graph.InsertAxes(n.positions(s, tokens.Graph(), position, length), 0))
	return n.Dropout.Forward(s, x)
}

// scaled is section 3.4's embedding: multiplied by √d_model.
func (n *Net) scaled(s *model.Scope, table *nn.Embedding, tokens *graph.Node) *graph.Node {
	return graph.MulScalar(table.Forward(s, tokens), math.Sqrt(float64(n.Config.DModel)))
}

// positions gives the first length positions, [length, d_model].
func (n *Net) positions(s *model.Scope, g *graph.Graph, learned *nn.Embedding, length int) *graph.Node {
	if length > n.Config.MaxLength {
		panic(fmt.Errorf("transformer: a text of %d tokens: the model takes at most %d", length, n.Config.MaxLength))
	}
	if learned != nil {
		return learned.First(s, g, length)
	}
	return graph.Const(g, nn.Sinusoids(length, n.Config.DModel))
}
