package gpt

import (
	"cmp"
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// metrics are the names of what a step measures: the loss in nats a token, and the gradient's length before clipping.
var metrics = []string{"loss", "norm"}

// Step makes the graph of one training step: AdamW, by which matrices decay and vectors don't (Brown et al., "Language models are
// few-shot learners", 2020, appendix B), down the clipped gradient of the mean loss. The batch is tokens [batch, length] and labels, as
// many, negative where they count for nothing. It is computed in c.Accumulate parts, one after the other, whose gradients are summed.
func Step(net *Net, c TrainConfig) train.Step {
	params := nn.Trained(net)
	adam := nn.AdamW{
		Adam:   nn.Adam{Rate: nn.WarmupCosine(c.Rate, c.MinRate, c.WarmUp, c.Total), Beta1: 0.9, Beta2: c.Beta2, Eps: cmp.Or(c.Eps, 1e-8)},
		Decay:  c.Decay,
		Decays: nn.Matrices,
	}
	limit := c.Clip
	if limit == 0 {
		limit = math.MaxFloat32
	}
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		if len(batch) != 2 || !batch[0].Shape().EqualDimensions(batch[1].Shape()) {
			panic(fmt.Errorf("gpt: a batch is tokens and labels of one shape, was given %d tensors", len(batch)))
		}
		loss, grads := gradients(s, net, params, batch[0], batch[1], c.Accumulate)
		clipped, norm := nn.ClipGlobalNorm(grads, limit)
		adam.Update(s, params, clipped)
		return train.Stepped{Metrics: []*graph.Node{loss, norm}, Gradients: nn.NameGradients("", params, grads)}
	}
}

// gradients is the mean loss of a batch and its gradient, computed in equal parts.
func gradients(s *model.Scope, net *Net, params []*nn.Param, x, y *graph.Node, parts int) (loss *graph.Node, grads []*graph.Node) {
	if parts <= 1 {
		loss = Loss(net.Forward(s, x), y)
		return loss, nn.Gradients(s, loss, params)
	}
	batch, length := x.Shape().Dim(0), x.Shape().Dim(1)
	if batch%parts != 0 {
		panic(fmt.Errorf("gpt: a batch of %d texts can't be computed in %d equal parts", batch, parts))
	}
	g := x.Graph()
	x, y = graph.Reshape(x, parts, batch/parts, length), graph.Reshape(y, parts, batch/parts, length)
	state := []*graph.Node{graph.Const(g, true), graph.Scalar(g, dtypes.Float32, 0), graph.Scalar(g, dtypes.Float32, 0)}
	own := len(state)
	for _, p := range params {
		state = append(state, graph.Zeros(g, shapes.Make(dtypes.Float32, p.Shape...)))
	}
	key := nn.NextKey(s, g)
	end := nn.Loop(parts, state, func(step *graph.Node, state []*graph.Node) []*graph.Node {
		nn.SeedGraph(s, nn.Fold(key, graph.ConvertDType(step, dtypes.Uint32)))
		part := func(all *graph.Node) *graph.Node { return graph.Squeeze(nn.TakeAt(all, step, 0), 0) }
		sum, count := LossSum(net.Forward(s, part(x)), part(y))
		next := []*graph.Node{state[0], graph.Add(state[1], sum), graph.Add(state[2], count)}
		for i, grad := range nn.Gradients(s, sum, params) {
			next = append(next, graph.Add(state[own+i], grad))
		}
		return next
	})
	nn.SeedGraph(s, key) // the loop's own keys stay in it
	count := graph.MaxScalar(end[2], 1)
	for _, sum := range end[own:] {
		grads = append(grads, graph.Div(sum, count))
	}
	return graph.Div(end[1], count), grads
}
