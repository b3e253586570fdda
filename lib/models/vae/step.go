package vae

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// metrics are the names of what a step measures, in nats an example.
var metrics = []string{"loss", "bce", "kl"}

// Step makes the graph of one training step: it moves the weights down the gradient of the summed loss. The batch is x [batch, input] in
// [0, 1], or pictures [batch, height, width, channels] of as many values, and the noise eps [batch, latent], drawn where it isn't given.
func Step(net *Net, c TrainConfig) train.Step {
	params, adam := nn.Trained(net), nn.NewAdam(c.Rate)
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		x, eps := flat(batch.At(0)), batch.At(1)
		if eps == nil {
			eps = net.noise(s, x)
		}
		bce, kl := net.Forward(s, x, eps).Loss(x)
		loss := graph.Add(bce, kl)
		grads := nn.Gradients(s, loss, params)
		adam.Update(s, params, grads)

		examples := float64(x.Shape().Dim(0))
		return train.Stepped{
			Metrics:   []*graph.Node{graph.DivScalar(loss, examples), graph.DivScalar(bce, examples), graph.DivScalar(kl, examples)},
			Gradients: nn.NameGradients("", params, grads),
		}
	}
}

// flat makes rows of examples of any shape: [batch, ...] becomes [batch, values].
func flat(x *graph.Node) *graph.Node {
	if x.Rank() <= 2 {
		return x
	}
	return graph.Reshape(x, x.Shape().Dim(0), -1)
}

// noise draws eps for a batch x from the graph's key.
func (n *Net) noise(s *model.Scope, x *graph.Node) *graph.Node {
	return nn.Normal(nn.NextKey(s, x.Graph()), x.Shape().Dim(0), n.Mean.Out)
}
