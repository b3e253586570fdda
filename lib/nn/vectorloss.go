package nn

import (
	"github.com/gomlx/gomlx/core/graph"
)

// TripletMarginLoss is PyTorch's nn.TripletMarginLoss with its norm of 2: how much nearer than Margin the negative comes than the positive.
type TripletMarginLoss struct {
	Margin    float64 // 0 is PyTorch's default, 1
	Swap      bool    // takes the nearer of anchor and positive to the negative
	Reduction Reduction
}

// Of is the loss; all are [..., dim]. Without a reduction it is [...].
func (l TripletMarginLoss) Of(anchor, positive, negative *graph.Node) *graph.Node {
	checkAlike("TripletMarginLoss", anchor, positive)
	checkAlike("TripletMarginLoss", anchor, negative)
	distance := func(a, b *graph.Node) *graph.Node {
		return length(graph.AddScalar(graph.Sub(a, b), 1e-6), -1) // PyTorch's eps
	}
	far := distance(anchor, negative)
	if l.Swap {
		other := distance(positive, negative)
		far = graph.Where(graph.LessThan(other, far), other, far)
	}
	each := graph.AddScalar(graph.Sub(distance(anchor, positive), far), orDefault(l.Margin, 1))
	return l.Reduction.of(graph.Where(graph.LessThan(each, scalar(each, 0)), graph.ZerosLike(each), each))
}

// CosineSimilarity is PyTorch's nn.CosineSimilarity: the cosine along an axis, of vectors taken as at least eps long (PyTorch's default is
// 1e-8). a and b have one shape; the result lacks the axis.
func CosineSimilarity(a, b *graph.Node, axis int, eps float64) *graph.Node {
	checkAlike("CosineSimilarity", a, b)
	axis = axisOf(a, axis)
	return graph.ReduceSum(graph.Mul(Normalize(a, 2, axis, eps), Normalize(b, 2, axis, eps)), axis)
}

// Normalize is PyTorch's F.normalize: x divided by its p-norm along an axis, or by eps (PyTorch's default is 1e-12) where that is less. p is
// 1 or 2.
func Normalize(x *graph.Node, p, axis int, eps float64) *graph.Node {
	axis = axisOf(x, axis)
	var size *graph.Node
	switch p {
	case 1:
		size = graph.ReduceSum(absolute(x), axis)
	case 2:
		size = length(x, axis)
	default:
		panic(errorf("the norm to divide by is %d: it must be 1 or 2", p))
	}
	size = graph.InsertAxes(size, axis)
	least := graph.BroadcastToDims(scalar(x, eps), size.Shape().Dimensions...)
	return graph.Div(x, graph.Where(graph.LessThan(size, least), least, size))
}

// length is the root of the sum of squares along an axis, with a gradient of 0 where that is 0.
func length(x *graph.Node, axis int) *graph.Node {
	sum := graph.ReduceSum(graph.Square(x), axis)
	none := graph.Equal(sum, scalar(sum, 0))
	root := graph.Sqrt(graph.Where(none, graph.OnesLike(sum), sum))
	return graph.Where(none, graph.ZerosLike(sum), root)
}
