package anomaly

import (
	"cmp"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// metrics are the names of what a step measures, in nats a window.
var metrics = []string{"loss", "nll", "kl"}

// Step makes the graph of one training step: it moves the weights down the gradient of the mean loss of a window. The batch is x [batch, window,
// sensors], on the common scale and 0 where a value is missing, mask, 0 there and else 1, and the noise eps [batch, latent], drawn where
// it isn't given.
func Step(net *Net, c TrainConfig) train.Step {
	params, adam := nn.Trained(net), nn.NewAdam(c.Rate)
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		x, mask, eps := batch.At(0), batch.At(1), batch.At(2)
		if mask == nil || !mask.Shape().Equal(x.Shape()) {
			panic(fmt.Errorf("anomaly: trains on windows and masks of the same shape, the data set gives %d tensors a batch", len(batch)))
		}
		mu, logvar := net.Encode(s, x)
		if eps == nil {
			eps = nn.Normal(nn.NextKey(s, x.Graph()), mu.Shape().Dimensions...)
		}
		mean := net.Decode(s, graph.Add(mu, graph.Mul(eps, graph.Exp(graph.MulScalar(logvar, 0.5)))))
		windows := float64(x.Shape().Dim(0))
		nll := graph.DivScalar(graph.Neg(graph.ReduceAllSum(logDensity(x, mask, mean, net.logVariance(s, x.Graph())))), windows)
		kl := graph.DivScalar(graph.ReduceAllSum(nn.GaussianKL(mu, logvar)), windows)
		loss := graph.Add(nll, kl)
		grads := nn.Gradients(s, loss, params)
		adam.Eps = cmp.Or(c.Eps, adam.Eps)
		adam.Update(s, params, grads)
		return train.Stepped{Metrics: []*graph.Node{loss, nll, kl}, Gradients: nn.NameGradients("", params, grads)}
	}
}
