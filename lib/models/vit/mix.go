package vit

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/stat/distuv"

	"genlab/lib/nn"
)

// Mix puts a part of each picture's opposite in the batch into it and gives labels, probabilities [batch, classes], that say how much is
// whose. Mixup (Zhang et al., "mixup: beyond empirical risk minimization", 2018) fades both into each other; CutMix (Yun et al., "CutMix:
// regularization strategy to train strong classifiers with localizable features", 2019) puts a box of the other into the one. Either's
// part is drawn from Beta(alpha, alpha), one for the batch; an alpha of 0 leaves it out, and with both a fair coin decides, as in DeiT's
// training. x: [batch, height, width, channels], labels: integers [batch].
func Mix(s *model.Scope, x, labels *graph.Node, classes int, mixup, cutmix float64) (mixed, mixedLabels *graph.Node) {
	g, height, width := x.Graph(), x.Shape().Dim(1), x.Shape().Dim(2)
	draws := nn.Uniform(nn.NextKey(s, g), 5)
	draw := func(i int) *graph.Node { return graph.Reshape(graph.Slice(draws, graph.AxisElem(i))) }

	var own *graph.Node // how much of each pixel stays, [1, height, width, 1]
	if mixup > 0 {
		own = graph.BroadcastToDims(graph.Reshape(beta(mixup, draw(0)), 1, 1, 1, 1), 1, height, width, 1)
	}
	if cutmix > 0 {
		kept := outside(beta(cutmix, draw(1)), draw(2), draw(3), height, width)
		if own == nil {
			own = kept
		} else {
			heads := graph.LessThan(draw(4), graph.Scalar(g, dtypes.Float32, 0.5))
			own = graph.Where(graph.BroadcastToDims(graph.Reshape(heads, 1, 1, 1, 1), 1, height, width, 1), own, kept)
		}
	}
	blend := func(x, share *graph.Node) *graph.Node {
		return graph.Add(graph.Mul(x, share), graph.Mul(graph.Reverse(x, 0), graph.OneMinus(share)))
	}
	hot := graph.OneHot(labels, classes, dtypes.Float32)
	return blend(x, own), blend(hot, graph.Reshape(graph.ReduceAllMean(own), 1, 1))
}

// outside is 1 for the pixels outside of a box that leaves the share of a picture, but for what of it lies beyond the edge; at says where
// its middle is, as parts of height and width. All but the result, [1, height, width, 1], are scalars.
func outside(share, atY, atX *graph.Node, height, width int) *graph.Node {
	side := graph.Sqrt(graph.OneMinus(share))
	within := func(at *graph.Node, axis, size int) *graph.Node {
		pixel := graph.Iota(at.Graph(), shapes.Make(dtypes.Float32, 1, height, width, 1), axis)
		distance := graph.Abs(graph.Sub(graph.AddScalar(pixel, 0.5), graph.MulScalar(at, float64(size))))
		return graph.LessThan(distance, graph.BroadcastToShape(graph.MulScalar(side, float64(size)/2), distance.Shape()))
	}
	box := graph.LogicalAnd(within(atY, 1, height), within(atX, 2, width))
	return graph.OneMinus(graph.ConvertDType(box, dtypes.Float32))
}

// beta turns a draw u from U[0, 1) to one from Beta(alpha, alpha), a scalar: it looks its quantile up, of a thousand.
func beta(alpha float64, u *graph.Node) *graph.Node {
	const n = 1000
	quantiles := make([]float32, n)
	for i := range quantiles {
		quantiles[i] = float32(distuv.Beta{Alpha: alpha, Beta: alpha}.Quantile((float64(i) + 0.5) / n))
		if math.IsNaN(float64(quantiles[i])) { // of a tiny alpha: nearly all is 0 or 1
			quantiles[i] = float32(i / (n / 2))
		}
	}
	at := graph.ConvertDType(graph.MulScalar(u, n), dtypes.Int32)
	return graph.Reshape(graph.Gather(graph.Const(u.Graph(), quantiles), graph.Reshape(at, 1, 1)))
}
