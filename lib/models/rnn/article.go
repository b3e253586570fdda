package rnn

import (
	"cmp"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// ArticleConfig is the architecture of the article's RNNModel. The names in JSON are those of its constructor.
type ArticleConfig struct {
	InputSize  int `json:"input_size"`  // values at each step
	HiddenSize int `json:"hidden_size"` // width of the hidden state
	OutputSize int `json:"output_size"` // classes to choose from at each step
}

// DefaultArticle is the article's: 10-20-10.
func DefaultArticle() ArticleConfig {
	return ArticleConfig{InputSize: 10, HiddenSize: 20, OutputSize: 10}
}

// Validate reports the first field that makes no model.
func (c ArticleConfig) Validate() error {
	return cmp.Or(
		nn.CheckSize("rnn", "input_size", c.InputSize, 1, nn.MaxSize),
		nn.CheckSize("rnn", "hidden_size", c.HiddenSize, 1, nn.MaxSize),
		nn.CheckSize("rnn", "output_size", c.OutputSize, 1, nn.MaxSize),
	)
}

// Article is the article's class RNNModel.
type Article struct {
	RNN *nn.Recurrent `nn:"rnn"`
	FC  *nn.Linear    `nn:"fc"`
}

// NewArticle declares the layers.
func NewArticle(c ArticleConfig) (*Article, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return nn.Name(&Article{
		RNN: nn.NewRecurrent(nn.RecurrentConfig{Cell: nn.TanhCell, Input: c.InputSize, Hidden: c.HiddenSize, BatchFirst: true}),
		FC:  nn.NewLinear(c.HiddenSize, c.OutputSize, true),
	}), nil
}

// String is the article's name of the class.
func (n *Article) String() string { return "RNNModel" }

// Forward reads sequences from a hidden state on.
// x: [batch, time, input], hidden and last: [1, batch, hidden], logits: [batch, time, output].
func (n *Article) Forward(s *model.Scope, x, hidden *graph.Node) (logits, last *graph.Node) {
	y, state := n.RNN.Forward(s, x, nn.RecurrentState{H: hidden}, nil)
	return n.FC.Forward(s, y), state.H
}

// ArticleLoss is the mean cross-entropy over all steps of all sequences, in nats.
// logits: [batch, time, output], labels: integers [batch, time].
func ArticleLoss(logits, labels *graph.Node) *graph.Node {
	return graph.ReduceAllMean(nn.CrossEntropy(logits, labels))
}
