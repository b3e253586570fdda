package style

import (
	"github.com/gomlx/gomlx/core/graph"
)

// adainEps is added to variances before the root, as Huang & Belongie have it.
const adainEps = 1e-5

// Gram is what a style is told by: the products of all pairs of channels, summed over places (Gatys, Ecker & Bethge, "Image style transfer
// using convolutional neural networks", 2016, equation 3). x: [batch, height, width, channels], the result: [batch, channels, channels].
func Gram(x *graph.Node) *graph.Node {
	d := x.Shape().Dimensions
	flat := graph.Reshape(x, d[0], d[1]*d[2], d[3])
	return graph.Einsum("bpc,bpd->bcd", flat, flat)
}

// gramPer is [Gram] divided by a number of places, and by channels too.
func gramPer(x *graph.Node, byChannels bool) *graph.Node {
	d := x.Shape().Dimensions
	by := d[1] * d[2]
	if byChannels {
		by *= d[3]
	}
	return graph.DivScalar(Gram(x), float64(by))
}

// contentLoss is half of the squared difference, summed (Gatys et al., equation 1).
func contentLoss(x, of *graph.Node) *graph.Node {
	return graph.MulScalar(graph.ReduceAllSum(graph.Square(graph.Sub(x, of))), 0.5)
}

// styleLoss compares the Gram matrices of features with those that a style has, both divided by places: so their sizes may differ (Gatys
// et al., equation 4, whose M² the division is).
func styleLoss(x, gram *graph.Node) *graph.Node {
	n := float64(x.Shape().Dim(3))
	return graph.DivScalar(graph.ReduceAllSum(graph.Square(graph.Sub(gramPer(x, false), gram))), 4*n*n)
}

// variation is the sum of squared differences between a pixel and the next of its row and of its column: what is noisy has much.
func variation(x *graph.Node) *graph.Node {
	sum := graph.ScalarZero(x.Graph(), x.DType())
	for _, axis := range []int{1, 2} {
		if n := x.Shape().Dim(axis); n > 1 {
			next, this := graph.SliceAxis(x, axis, graph.AxisRange(1, n)), graph.SliceAxis(x, axis, graph.AxisRange(0, n-1))
			sum = graph.Add(sum, graph.ReduceAllSum(graph.Square(graph.Sub(next, this))))
		}
	}
	return sum
}

// moments are each channel's mean and standard deviation in each picture: [batch, 1, 1, channels]. The variance is PyTorch's, by n-1.
func moments(x *graph.Node, eps float64) (mean, deviation *graph.Node) {
	n := x.Shape().Dim(1) * x.Shape().Dim(2)
	mean = graph.ReduceAndKeep(x, graph.ReduceMean, 1, 2)
	variance := graph.DivScalar(graph.ReduceAndKeep(graph.Square(graph.Sub(x, mean)), graph.ReduceSum, 1, 2), float64(max(n-1, 1)))
	return mean, graph.Sqrt(graph.AddScalar(variance, eps))
}

// AdaIN gives content the means and deviations of a style, channel by channel (Huang & Belongie, "Arbitrary style transfer in real-time
// with adaptive instance normalization", 2017, equation 8), and mixes the result with the content: alpha is the result's part.
// content, style: [batch, height, width, channels], whose heights and widths may differ.
func AdaIN(content, style *graph.Node, alpha, eps float64) *graph.Node {
	mean, deviation := moments(content, eps)
	toMean, toDeviation := moments(style, eps)
	made := graph.Add(graph.Mul(graph.Div(graph.Sub(content, mean), deviation), toDeviation), toMean)
	return graph.Add(graph.MulScalar(made, alpha), graph.MulScalar(content, 1-alpha))
}

// momentsLoss compares means and deviations (Huang & Belongie, equation 13, with mean squares).
func momentsLoss(x, target *graph.Node, eps float64) *graph.Node {
	mean, deviation := moments(x, eps)
	toMean, toDeviation := moments(target, eps)
	return graph.Add(meanSquare(mean, toMean), meanSquare(deviation, toDeviation))
}

func meanSquare(x, y *graph.Node) *graph.Node {
	return graph.ReduceAllMean(graph.Square(graph.Sub(x, y)))
}

// perceptualLoss is what a fast network learns by (Johnson, Alahi & Fei-Fei, "Perceptual losses for real-time style transfer and
// super-resolution", 2016, section 3.2): mean squares of features, and of Gram matrices divided by places and channels.
func perceptualLoss(content, of *graph.Node, layers, grams []*graph.Node, contentWeight, styleWeight float64) *graph.Node {
	loss := graph.MulScalar(meanSquare(content, of), contentWeight)
	for i, x := range layers {
		gram := graph.BroadcastToDims(grams[i], x.Shape().Dim(0), x.Shape().Dim(3), x.Shape().Dim(3))
		loss = graph.Add(loss, graph.MulScalar(meanSquare(gramPer(x, true), gram), styleWeight))
	}
	return loss
}
