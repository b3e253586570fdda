package vae

import (
	"cmp"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// metrics are the names of what a step measures, in nats an example.
var metrics = []string{"loss", "bce", "kl"}

// Step makes the graph of one training step: it moves the weights down the gradient of the summed loss. The batch is x [batch, input] in
// [0, 1], or pictures [batch, height, width, channels] of as many values, and the noise eps [batch, latent], drawn where it isn't given.
func Step(net Coder, c TrainConfig) train.Step {
	params, adam := nn.Trained(net), nn.NewAdam(c.Rate)
	adam.Eps = cmp.Or(c.Eps, adam.Eps)
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		x := flat(batch.At(0))
		bce, kl := pass(s, net, c, x, batch.At(1)).Loss(x)
		loss := c.loss(bce, kl)
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

// pass is [Forward] as a training is configured: a plain autoencoder has no noise.
func pass(s *model.Scope, net Coder, c TrainConfig, x, eps *graph.Node) Output {
	if c.Plain {
		mu, logvar := net.Encode(s, x)
		return Output{net.Decode(s, mu), mu, logvar}
	}
	return Forward(s, net, x, eps)
}

// loss is what the training makes small.
func (c TrainConfig) loss(bce, kl *graph.Node) *graph.Node {
	switch {
	case c.Plain:
		return bce
	case c.Beta != 0 && c.Beta != 1:
		return graph.Add(bce, graph.MulScalar(kl, c.Beta))
	}
	return graph.Add(bce, kl)
}
