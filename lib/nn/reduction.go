package nn

import (
	"github.com/gomlx/gomlx/core/graph"
)

// Reduction is what a loss makes of its values, PyTorch's words.
type Reduction string

// The reductions; "" is the mean, PyTorch's default.
const (
	MeanReduction Reduction = "mean"
	SumReduction  Reduction = "sum"
	NoReduction   Reduction = "none"
	// BatchMean divides the sum by the first axis, for [KLDivLoss].
	BatchMean Reduction = "batchmean"
)

// of reduces a loss's values.
func (r Reduction) of(each *graph.Node) *graph.Node {
	switch r {
	case "", MeanReduction:
		return graph.ReduceAllMean(each)
	case SumReduction:
		return graph.ReduceAllSum(each)
	case NoReduction:
		return each
	default:
		panic(errorf("reduction %q: it is %q, %q or %q", r, MeanReduction, SumReduction, NoReduction))
	}
}

// weighted reduces values whose mean is by weight.
func (r Reduction) weighted(each, weights *graph.Node) *graph.Node {
	if r == "" || r == MeanReduction {
		return graph.Div(graph.ReduceAllSum(each), graph.ReduceAllSum(weights))
	}
	return r.of(each)
}

// checkAlike panics unless a loss's tensors have one shape.
func checkAlike(loss string, a, b *graph.Node) {
	if !a.Shape().Equal(b.Shape()) {
		panic(errorf("%s takes tensors of one shape, was given %s and %s", loss, a.Shape(), b.Shape()))
	}
}
