package nn

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// WarmupCosine rises evenly to peak over warmup steps, then falls along half a cosine to floor at step total, and stays there
// (Loshchilov & Hutter, "SGDR: stochastic gradient descent with warm restarts", 2016, equation 5; the counting is nanoGPT's).
func WarmupCosine(peak, floor float64, warmup, total int) Schedule {
	if warmup < 0 || total <= warmup {
		panic(errorf("a schedule of %d steps with %d to warm up: it must have more of the former", total, warmup))
	}
	return func(step *graph.Node) *graph.Node {
		done := graph.MinusOne(step)
		rise := graph.MulScalar(step, peak/float64(warmup+1))
		share := graph.ClipScalar(graph.DivScalar(graph.AddScalar(done, -float64(warmup)), float64(total-warmup)), 0, 1)
		fall := graph.AddScalar(graph.MulScalar(graph.OnePlus(graph.Cos(graph.MulScalar(share, math.Pi))), (peak-floor)/2), floor)
		return graph.Where(graph.LessThan(done, scalar(step, float64(warmup))), rise, fall)
	}
}
