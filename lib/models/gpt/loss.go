package gpt

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/nn"
)

// Ignore is a label that counts for nothing in the loss, as any negative one does: padding, and what the model isn't to learn to say.
const Ignore = -1

// Loss is the mean cross-entropy in nats over the labels that count, 0 when none does.
// logits: [batch, length, vocabulary], labels: integers [batch, length].
func Loss(logits, labels *graph.Node) *graph.Node {
	sum, count := LossSum(logits, labels)
	return graph.Div(sum, graph.MaxScalar(count, 1))
}

// LossSum is the summed cross-entropy and the number of labels that count.
func LossSum(logits, labels *graph.Node) (sum, count *graph.Node) {
	counts := graph.GreaterOrEqual(labels, graph.ScalarZero(labels.Graph(), labels.DType()))
	each := nn.CrossEntropy(logits, graph.Where(counts, labels, graph.ZerosLike(labels)))
	return graph.ReduceAllSum(graph.Where(counts, each, graph.ZerosLike(each))), graph.ReduceAllSum(graph.ConvertDType(counts, dtypes.Float32))
}
