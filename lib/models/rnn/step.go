package rnn

import (
	"errors"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// metrics are the names of what a step measures, in nats a character.
var metrics = []string{"loss"}

// Step makes the graph of one training step of the language model: forward from the carried state, gradients, their norm clipped, Adam.
// The batch is the characters read and those that follow them, integers [batch, time]. An epoch, at whose beginning the state is zero,
// has the given number of steps.
func Step(net *Net, c TrainConfig, steps int) train.Step {
	params, adam := nn.Trained(net), nn.NewAdam(c.Rate)
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		x, y := batch.At(0), batch.At(1)
		if y == nil || x.Rank() != 2 || !slices.Equal(x.Shape().Dimensions, y.Shape().Dimensions) {
			panic(errBatch)
		}
		zero := states(net.RNN.ZeroState(x.Graph(), x.Shape().Dim(0)))
		carried := carriedState(s, zero)
		first, init := beginsEpoch(s, x.Graph(), steps), make([]*graph.Node, len(zero))
		for i, v := range carried {
			init[i] = graph.Where(first, zero[i], v.NodeValue(x.Graph()))
		}
		logits, last := net.Forward(s, x, stateOf(init))
		for i, n := range states(last) {
			carried[i].SetNodeValue(n)
		}
		loss := graph.ReduceAllMean(nn.CrossEntropy(logits, y))
		grads := nn.Gradients(s, loss, params)
		named := nn.NameGradients("", params, grads)
		if c.Clip >= 0 {
			grads, _ = nn.ClipGlobalNorm(grads, c.Clip)
		}
		adam.Update(s, params, grads)
		return train.Stepped{Metrics: []*graph.Node{loss}, Gradients: named}
	}
}

var errBatch = errors.New("rnn: a batch must be two tensors of characters [batch, time]: those read and those that follow them")

// The scope and the names of what goes from step to step in variables: a checkpoint holds it, so that a resumed training goes on inside
// an epoch.
const carriedScope = "carried"

var carriedNames = []string{"h", "c"}

// carriedState are the variables of a state like zero, which they hold at first.
func carriedState(s *model.Scope, zero []*graph.Node) []*model.Variable {
	list := make([]*model.Variable, len(zero))
	for i, z := range zero {
		list[i] = s.At(carriedScope).VariableWithValue(carriedNames[i], tensors.FromShape(z.Shape())).SetTrainable(false)
	}
	return list
}

// beginsEpoch counts a step and is true for the first of each epoch.
func beginsEpoch(s *model.Scope, g *graph.Graph, steps int) *graph.Node {
	counter := s.At(carriedScope).VariableWithValue("step", int32(0)).SetTrainable(false)
	step := counter.NodeValue(g)
	counter.SetNodeValue(graph.OnePlus(step))
	return graph.IsZero(graph.ModScalar(step, steps))
}
