package nn

import (
	"cmp"
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// TripletMarginLoss is PyTorch's nn.TripletMarginLoss: how much nearer than Margin the negative comes than the positive (Balntas et al.,
// "Learning local feature descriptors with triplets and shallow convolutional neural networks", 2016).
type TripletMarginLoss struct {
	Margin    float64 // 0 is PyTorch's default, 1
	P         float64 // of the norm; 0 is PyTorch's default, 2
	Swap      bool    // takes the nearer of anchor and positive to the negative
	Reduction Reduction
}

// Of is the loss; all are [..., dim]. Without a reduction it is [...].
func (l TripletMarginLoss) Of(anchor, positive, negative *graph.Node) *graph.Node {
	checkAlike("TripletMarginLoss", anchor, positive)
	checkAlike("TripletMarginLoss", anchor, negative)
	distance := func(a, b *graph.Node) *graph.Node {
		return norm(graph.AddScalar(graph.Sub(a, b), 1e-6), cmp.Or(l.P, 2), -1) // PyTorch's eps
	}
	far := distance(anchor, negative)
	if l.Swap {
		other := distance(positive, negative)
		far = graph.Where(graph.LessThan(other, far), other, far)
	}
	return l.Reduction.of(notNegative(graph.AddScalar(graph.Sub(distance(anchor, positive), far), cmp.Or(l.Margin, 1))))
}

// notNegative is max(x, 0) with the gradient of PyTorch's clamp: that of x at 0.
func notNegative(x *graph.Node) *graph.Node {
	return graph.Where(graph.LessThan(x, scalar(x, 0)), graph.ZerosLike(x), x)
}

// MarginRankingLoss is PyTorch's nn.MarginRankingLoss: max(0, -y·(a - b) + Margin), y of 1 where a should be the larger, else -1.
type MarginRankingLoss struct {
	Margin    float64
	Reduction Reduction
}

// Of is the loss; all have one shape.
func (l MarginRankingLoss) Of(a, b, y *graph.Node) *graph.Node {
	checkAlike("MarginRankingLoss", a, b)
	checkAlike("MarginRankingLoss", a, y)
	return l.Reduction.of(notNegative(graph.AddScalar(graph.Neg(graph.Mul(y, graph.Sub(a, b))), l.Margin)))
}

// CosineEmbeddingLoss is PyTorch's nn.CosineEmbeddingLoss: 1 - cos where y is 1, max(0, cos - Margin) where it is -1.
type CosineEmbeddingLoss struct {
	Margin    float64
	Reduction Reduction
}

// Of is the loss; a and b are [batch, dim], y is [batch].
func (l CosineEmbeddingLoss) Of(a, b, y *graph.Node) *graph.Node {
	const eps = 1e-12 // PyTorch's, in this loss
	size := func(x *graph.Node) *graph.Node { return graph.AddScalar(graph.ReduceSum(graph.Square(x), -1), eps) }
	cosine := graph.Div(graph.ReduceSum(graph.Mul(a, b), -1), graph.Sqrt(graph.Mul(size(a), size(b))))
	same := graph.GreaterThan(y, scalar(y, 0))
	return l.Reduction.of(graph.Where(same, graph.OneMinus(cosine), notNegative(graph.AddScalar(cosine, -l.Margin))))
}

// CosineSimilarity is PyTorch's nn.CosineSimilarity: the cosine along an axis, of vectors taken as at least eps long (PyTorch's default is
// 1e-8). a and b have one shape, but for axes of length 1; the result lacks the axis.
func CosineSimilarity(a, b *graph.Node, axis int, eps float64) *graph.Node {
	if a.Rank() != b.Rank() {
		panic(errorf("CosineSimilarity takes tensors of as many axes, was given %s and %s", a.Shape(), b.Shape()))
	}
	axis = axisOf(a, axis)
	return graph.ReduceSum(graph.Mul(Normalize(a, 2, axis, eps), Normalize(b, 2, axis, eps)), axis)
}

// Normalize is PyTorch's F.normalize: x divided by its p-norm along an axis, or by eps (PyTorch's default is 1e-12) where that is less. p may
// be +Inf.
func Normalize(x *graph.Node, p float64, axis int, eps float64) *graph.Node {
	axis = axisOf(x, axis)
	size := graph.InsertAxes(norm(x, p, axis), axis)
	least := graph.BroadcastToDims(scalar(x, eps), size.Shape().Dimensions...)
	return graph.Div(x, graph.Where(graph.LessThan(size, least), least, size))
}

// norm is the p-norm along an axis.
func norm(x *graph.Node, p float64, axis int) *graph.Node {
	switch {
	case p == 1:
		return graph.ReduceSum(absolute(x), axis)
	case p == 2:
		return length(x, axis)
	case math.IsInf(p, 1):
		return graph.ReduceMax(absolute(x), axis)
	case !(p > 0):
		panic(errorf("the norm's p is %g: it must be more than 0", p))
	}
	power := func(x *graph.Node, p float64) *graph.Node { // 0 stays 0, without a gradient
		none := graph.LessOrEqual(x, scalar(x, 0))
		y := graph.Exp(graph.MulScalar(graph.Log(graph.Where(none, graph.OnesLike(x), x)), p))
		return graph.Where(none, graph.ZerosLike(x), y)
	}
	return power(graph.ReduceSum(power(absolute(x), p), axis), 1/p)
}

// length is the root of the sum of squares along an axis, with a gradient of 0 where that is 0.
func length(x *graph.Node, axis int) *graph.Node {
	sum := graph.ReduceSum(graph.Square(x), axis)
	none := graph.Equal(sum, scalar(sum, 0))
	root := graph.Sqrt(graph.Where(none, graph.OnesLike(sum), sum))
	return graph.Where(none, graph.ZerosLike(sum), root)
}
