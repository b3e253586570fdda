package transformer

import (
	"cmp"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// metrics are the names of what a step measures: the loss in nats a token, with smoothing, and the share of tokens guessed right.
var metrics = []string{"loss", "accuracy"}

// Step makes the graph of one training step. The batch is source, target and labels, integers [batch, length], as [Train] says.
func Step(net *Net, c TrainConfig) train.Step {
	params, adam := nn.Trained(net), c.adam()
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		if len(batch) != 3 {
			panic(fmt.Errorf("transformer: a batch is source, target and labels, was given %d tensors", len(batch)))
		}
		source, target, labels := batch[0], batch[1], batch[2]
		logits, _ := net.Forward(s, source, target)
		loss := Loss(logits, labels, c.LabelSmoothing)
		grads := nn.Gradients(s, loss, params)
		adam.Update(s, params, grads)
		return train.Stepped{
			Metrics:   []*graph.Node{loss, accuracy(logits, labels)},
			Gradients: nn.NameGradients("", params, grads),
		}
	}
}

// adam is the paper's optimiser (section 5.3).
func (c TrainConfig) adam() nn.Adam {
	return nn.Adam{Rate: WarmUp(c.Model.DModel, c.WarmUp, c.Rate), Beta1: 0.9, Beta2: 0.98, Eps: cmp.Or(c.Eps, 1e-9)}
}

// WarmUp is the paper's learning rate (equation 3): factor·d_model^-½·min(step^-½, step·steps^-3/2), which rises for n steps,
// then falls with the root of their number.
func WarmUp(dModel, steps int, factor float64) nn.Schedule {
	scale := factor / math.Sqrt(float64(dModel))
	return func(step *graph.Node) *graph.Node {
		return graph.MulScalar(graph.Min(graph.Rsqrt(step), graph.MulScalar(step, math.Pow(float64(steps), -1.5))), scale)
	}
}
