package classifier

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// metrics are the names of what a step measures, in nats a picture.
var metrics = []string{"loss"}

// Step makes the graph of one training step, at a rate that falls in a straight line to nearly 0 in step c.Steps. The batch is pictures
// [batch, size, size, channels] in [0, 1] and their labels, integers [batch].
func Step(net *Net, c TrainConfig) train.Step {
	params, adam := nn.Trained(net), nn.NewAdam(c.Rate)
	adam.Rate = func(step *graph.Node) *graph.Node {
		left := graph.OneMinus(graph.DivScalar(step, float64(c.Steps+1)))
		return graph.MulScalar(graph.MaxScalar(left, 0), c.Rate)
	}
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		pictures, labels := batch.At(0), batch.At(1)
		if labels == nil {
			panic(fmt.Errorf("classifier: trains on pictures and labels, the data set gives %d tensors a batch", len(batch)))
		}
		_, logits := net.Forward(s, pictures)
		loss := graph.ReduceAllMean(nn.CrossEntropy(logits, labels))
		grads := nn.Gradients(s, loss, params)
		adam.Update(s, params, grads)
		return train.Stepped{Metrics: []*graph.Node{loss}, Gradients: nn.NameGradients("", params, grads)}
	}
}
