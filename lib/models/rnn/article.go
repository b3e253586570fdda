package rnn

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
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
	return positive([]field{{"input_size", c.InputSize}, {"hidden_size", c.HiddenSize}, {"output_size", c.OutputSize}})
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

// Program is the article's training program.
type Program struct {
	Model         ArticleConfig
	Batch, Length int
	Epochs        int
	Rate          float64 // Adam's
	Seed          uint64  // of the first weights and the data
}

// DefaultProgram is the article's: 5 sequences of 15 steps, 10 epochs, Adam with 1e-3.
func DefaultProgram() Program {
	return Program{Model: DefaultArticle(), Batch: 5, Length: 15, Epochs: 10, Rate: 1e-3, Seed: 1}
}

// Run trains on random sequences with random labels, the same in each epoch, and reports the loss of each epoch, counted from 1.
//
// The hidden state goes from epoch to epoch. In the article's code it still hangs on the graph that made it, so PyTorch wants to go
// back through the epoch before, whose graph is gone: "Trying to backward through the graph a second time". PyTorch's remedy is
// hidden = hidden.detach(). Here the state comes out of one call and goes into the next as plain numbers: it is detached by
// itself.
func (p Program) Run(ctx context.Context, report func(epoch int, loss float64)) error {
	if err := positive([]field{{"batch", p.Batch}, {"length", p.Length}, {"epochs", p.Epochs}}); err != nil {
		return err
	}
	net, err := NewArticle(p.Model)
	if err != nil {
		return err
	}
	b, err := backend.Open()
	if err != nil {
		return err
	}
	run := nn.NewRunner("rnn", b)
	if err := nn.Create(run.Store.RootScope(), net, p.Seed); err != nil {
		return err
	}
	x, labels := p.data()
	var hidden any = make([]float32, p.Batch*p.Model.HiddenSize)
	hidden = tensors.FromFlatDataAndDimensions(hidden.([]float32), 1, p.Batch, p.Model.HiddenSize)
	params, adam := nn.Trained(net), nn.NewAdam(p.Rate)
	for epoch := 1; epoch <= p.Epochs; epoch++ {
		out, err := run.Call(ctx, "train", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			logits, last := net.Forward(s, in[0], in[1])
			loss := ArticleLoss(logits, in[2])
			adam.Update(s, params, nn.Gradients(s, loss, params))
			return []*graph.Node{loss, last}
		}, x, hidden, labels)
		if err != nil {
			return fmt.Errorf("epoch %d: %w", epoch, err)
		}
		hidden = out[1]
		report(epoch, float64(tensors.ToScalar[float32](out[0])))
	}
	return nil
}

// data draws the article's torch.randn and torch.randint.
func (p Program) data() (x, labels *tensors.Tensor) {
	rng := rand.New(rand.NewPCG(p.Seed, 0))
	values := make([]float32, p.Batch*p.Length*p.Model.InputSize)
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	classes := make([]int32, p.Batch*p.Length)
	for i := range classes {
		classes[i] = int32(rng.IntN(p.Model.OutputSize))
	}
	return tensors.FromFlatDataAndDimensions(values, p.Batch, p.Length, p.Model.InputSize),
		tensors.FromFlatDataAndDimensions(classes, p.Batch, p.Length)
}
