package wavenet

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// metrics are the names of what a step measures, in bits a sample.
var metrics = []string{"loss"}

// Step makes the graph of one training step: it moves the weights down the gradient of the loss. The batch is the codes [batch, time],
// negative where there is nothing, then the conditions that the model has: the global one [batch, global], the local one
// [batch, time, local].
func Step(net *Net, c TrainConfig) train.Step {
	params, adam := nn.Trained(net), nn.NewAdam(c.Rate)
	if c.Eps > 0 {
		adam.Eps = c.Eps
	}
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		loss := net.Loss(s, batch.At(0), net.condition(batch[1:]))
		grads := nn.Gradients(s, loss, params)
		adam.Update(s, params, grads)
		return train.Stepped{Metrics: []*graph.Node{graph.DivScalar(loss, math.Ln2)}, Gradients: nn.NameGradients("", params, grads)}
	}
}

// condition takes the conditions that the model has from a batch, after its codes.
func (n *Net) condition(rest train.Batch) (c Condition) {
	next := 0
	if n.config.Global > 0 {
		c.Global, next = rest.At(0), 1
	}
	if n.config.Local > 0 {
		c.Local = rest.At(next)
	}
	return c
}
