package rnn

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/train"
)

// articleID is the article's program in commands.
const articleID = "rnn"

// Program is the article's training program.
type Program struct {
	Model         ArticleConfig
	Batch, Length int
	Epochs        int     `flag:"epochs" help:"epochs"`
	Rate          float64 `flag:"rate" help:"Adam's learning rate"`
	Seed          uint64  `flag:"seed" help:"seed of weights and data"`
}

// DefaultProgram is the article's: 5 sequences of 15 steps, 10 epochs, Adam with 1e-3.
func DefaultProgram() Program {
	return Program{Model: DefaultArticle(), Batch: 5, Length: 15, Epochs: 10, Rate: 1e-3, Seed: 1}
}

// ProgramStep makes the graph of one training step of the article's program. The batch is x [batch, time, input], labels, integers
// [batch, time], and the hidden state to begin with [1, batch, hidden]; where that isn't given, the one that the step before ended with.
//
// In the article's code the hidden state that goes from epoch to epoch still hangs on the graph that made it, so PyTorch wants to go
// back through the epoch before, whose graph is gone: "Trying to backward through the graph a second time". PyTorch's remedy is
// hidden = hidden.detach(). Here the state lies in a variable between two steps: it is detached by itself.
func ProgramStep(net *Article, p Program) train.Step {
	params, adam := nn.Trained(net), nn.NewAdam(p.Rate)
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		x, labels, hidden := batch.At(0), batch.At(1), batch.At(2)
		var carried *model.Variable
		if hidden == nil {
			carried = carriedState(s, states(net.RNN.ZeroState(x.Graph(), x.Shape().Dim(0))))[0]
			hidden = carried.NodeValue(x.Graph())
		}
		logits, last := net.Forward(s, x, hidden)
		if carried != nil {
			carried.SetNodeValue(last)
		}
		loss := ArticleLoss(logits, labels)
		grads := nn.Gradients(s, loss, params)
		adam.Update(s, params, grads)
		return train.Stepped{Metrics: []*graph.Node{loss}, Gradients: nn.NameGradients("", params, grads)}
	}
}

// Run trains on random sequences with random labels, the same in each epoch, and reports the loss of each epoch, counted from 1.
func (p Program) Run(ctx context.Context, report func(epoch int, loss float64)) error {
	if err := cmp.Or(
		nn.CheckSize("rnn", "batch", p.Batch, 1, nn.MaxSize),
		nn.CheckSize("rnn", "length", p.Length, 1, nn.MaxSize),
		nn.CheckSize("rnn", "epochs", p.Epochs, 1, nn.MaxSize),
	); err != nil {
		return err
	}
	if !(p.Rate >= 0) {
		return fmt.Errorf("rnn: rate is %g: it must be positive", p.Rate)
	}
	net, err := NewArticle(p.Model)
	if err != nil {
		return err
	}
	b, err := backend.Open()
	if err != nil {
		return err
	}
	run := nn.NewRunner(articleID, b)
	if err := nn.Create(run.Store.RootScope(), net, p.Seed); err != nil {
		return err
	}
	step := ProgramStep(net, p)
	x, labels := p.data()
	for epoch := 1; epoch <= p.Epochs; epoch++ {
		out, err := run.Call(ctx, "train", func(s *model.Scope, in []*graph.Node) []*graph.Node { return step(s, in).Metrics }, x, labels)
		if err != nil {
			return fmt.Errorf("epoch %d: %w", epoch, err)
		}
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
