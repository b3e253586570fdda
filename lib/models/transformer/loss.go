package transformer

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Loss is the cross-entropy in nats, a mean over the labels that aren't [Pad], with the label's share lowered to 1-smoothing and the
// rest spread over all tokens (section 5.4; Szegedy et al., "Rethinking the Inception architecture", 2015, section 7).
// logits: [batch, length, vocabulary], labels: integers [batch, length].
func Loss(logits, labels *graph.Node, smoothing float64) *graph.Node {
	logp := graph.LogSoftmax(logits, -1)
	each := graph.MulScalar(nn.NLL(logp, labels), 1-smoothing)
	if smoothing > 0 {
		each = graph.Sub(each, graph.MulScalar(graph.ReduceSum(logp, -1), smoothing/float64(logits.Shape().Dim(-1))))
	}
	counts := graph.ConvertDType(real(labels), logits.DType())
	return graph.Div(graph.ReduceAllSum(graph.Mul(each, counts)), graph.MaxScalar(graph.ReduceAllSum(counts), 1))
}

// accuracy is the share of labels that are the likeliest token.
func accuracy(logits, labels *graph.Node) *graph.Node {
	counted := real(labels)
	right := graph.LogicalAnd(counted, graph.Equal(graph.ArgMax(logits, -1, labels.DType()), labels))
	return graph.Div(sum(right), graph.MaxScalar(sum(counted), 1))
}

func sum(b *graph.Node) *graph.Node { return graph.ReduceAllSum(graph.ConvertDType(b, dtypes.Float32)) }

// WarmUp is the paper's learning rate (equation 3): factor·d_model^-½·min(step^-½, step·warmup^-3/2), which rises for warmup steps,
// then falls with the root of their number.
func WarmUp(dModel, warmup int, factor float64) nn.Schedule {
	scale := factor / math.Sqrt(float64(dModel))
	return func(step *graph.Node) *graph.Node {
		return graph.MulScalar(graph.Min(graph.Rsqrt(step), graph.MulScalar(step, math.Pow(float64(warmup), -1.5))), scale)
	}
}

// Adam is the paper's optimiser (section 5.3).
func Adam(rate nn.Schedule) nn.Adam { return nn.Adam{Rate: rate, Beta1: 0.9, Beta2: 0.98, Eps: 1e-9} }

// Step gives the graph of one training step: forward pass, loss, gradients, Adam. It returns the loss with smoothing and the share
// of tokens guessed right.
func Step(net *Net, adam nn.Adam, smoothing float64) func(*model.Scope, []*graph.Node) []*graph.Node {
	params := nn.Trained(net)
	return func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		if len(inputs) != 3 {
			panic(fmt.Errorf("transformer: a batch is source, target and labels, was given %d tensors", len(inputs)))
		}
		logits, _ := net.Forward(s, inputs[0], inputs[1])
		loss := Loss(logits, inputs[2], smoothing)
		adam.Update(s, params, nn.Gradients(s, loss, params))
		return []*graph.Node{loss, accuracy(logits, inputs[2])}
	}
}
