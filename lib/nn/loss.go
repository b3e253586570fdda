package nn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// BCEWithLogits is the binary cross-entropy of sigmoid(logits) against targets in [0, 1], element by element, in nats; reduce it
// as the model's loss asks. logits, targets and the result have one shape. It is softplus(l) - l·t, which never overflows.
func BCEWithLogits(logits, targets *graph.Node) *graph.Node {
	return graph.Sub(Softplus(logits), graph.Mul(logits, targets))
}

// Softplus is log(1 + exp(x)), without overflow; its gradient is sigmoid(x) everywhere, at 0 too.
func Softplus(x *graph.Node) *graph.Node {
	return graph.Neg(logSigmoid(graph.Neg(x)))
}

// logSigmoid is min(x, 0) - log(1 + exp(-|x|)). The minimum is taken as a product with a constant mask, for GoMLX's own minimum
// has another gradient at a tie than this function has at 0.
func logSigmoid(x *graph.Node) *graph.Node {
	zero := graph.ScalarZero(x.Graph(), x.DType())
	below := graph.StopGradient(graph.ConvertDType(graph.LessThan(x, zero), x.DType()))
	sign := graph.OneMinus(graph.MulScalar(below, 2)) // +1 at 0: -|x| = -sign·x
	return graph.Sub(graph.Mul(below, x), graph.Log1p(graph.Exp(graph.Neg(graph.Mul(sign, x)))))
}

// CrossEntropy is -log softmax(logits)[label], one value for each label, in nats. A label that is none of the classes costs 0; PyTorch
// raises an error there.
// logits: [..., classes], labels: integers [...].
func CrossEntropy(logits, labels *graph.Node) *graph.Node {
	return NLL(graph.LogSoftmax(logits), labels)
}

// NLL is the negative log-likelihood of each label, -logp[label]: the rest of [CrossEntropy] for who has the log-probabilities already.
// logp: [..., classes], labels: integers [...].
func NLL(logp, labels *graph.Node) *graph.Node {
	if labels.Rank() != logp.Rank()-1 || !labels.DType().IsInt() {
		panic(errorf("cross-entropy takes logits [..., classes] and integer labels [...], was given %s and %s", logp.Shape(), labels.Shape()))
	}
	hot := graph.OneHot(labels, logp.Shape().Dim(-1), dtypes.Bool)
	// A choice, not a product: another class may have the logit -Inf, and 0·∞ is NaN.
	return graph.Neg(graph.ReduceSum(graph.Where(hot, logp, graph.ZerosLike(logp)), -1))
}

// GaussianKL is KL(N(mu, exp(logvar)) ‖ N(0, 1)), element by element, in nats (Kingma & Welling, "Auto-encoding variational Bayes",
// 2013, appendix B).
func GaussianKL(mu, logvar *graph.Node) *graph.Node {
	return graph.MulScalar(graph.Sub(graph.Add(graph.Square(mu), graph.Exp(logvar)), graph.OnePlus(logvar)), 0.5)
}

// scalar makes a constant of x's type.
func scalar(x *graph.Node, value float64) *graph.Node {
	return graph.Scalar(x.Graph(), x.DType(), value)
}
