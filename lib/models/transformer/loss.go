package transformer

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

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
