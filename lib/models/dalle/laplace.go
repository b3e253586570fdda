package dalle

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// edge keeps pixels off 0 and 1, where the logit has no end (Ramesh et al., appendix A.3).
const edge = 0.1

// MapPixels maps [0, 1] to [edge, 1-edge].
func MapPixels(x *graph.Node) *graph.Node { return graph.AddScalar(graph.MulScalar(x, 1-2*edge), edge) }

// UnmapPixels is [MapPixels] turned back, cut off at 0 and 1.
func UnmapPixels(x *graph.Node) *graph.Node {
	return graph.ClipScalar(graph.DivScalar(graph.AddScalar(x, -edge), 1-2*edge), 0, 1)
}

// NLL is -log of the logit-Laplace density of each mapped pixel, in nats (appendix A.3, equation 2): its logit has a Laplace
// distribution. x: [..., channels], stats: [..., 2·channels], places and then the logarithms of the scales; result: as x.
func NLL(x, stats *graph.Node) *graph.Node {
	halves := graph.Split(stats, -1, 2)
	logX, logRest := graph.Log(x), graph.Log(graph.OneMinus(x))
	off := graph.Abs(graph.Sub(graph.Sub(logX, logRest), halves[0]))
	nll := graph.Add(graph.Mul(off, graph.Exp(graph.Neg(halves[1]))), halves[1])
	return graph.AddScalar(graph.Add(nll, graph.Add(logX, logRest)), math.Ln2)
}

// Means are the pictures, in [0, 1], that stats have in their middle. stats: [..., 2·channels], result: [..., channels].
func Means(stats *graph.Node) *graph.Node {
	return UnmapPixels(graph.Sigmoid(graph.Split(stats, -1, 2)[0]))
}
