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

// WarmupLinear rises evenly to peak over warmup steps, then falls evenly to 0 at step total, and stays there: the rate of Devlin et al.,
// "BERT", 2019, appendix A.2, with the counting of transformers' get_linear_schedule_with_warmup, but that the first step isn't at 0.
func WarmupLinear(peak float64, warmup, total int) Schedule {
	if warmup < 0 || total <= warmup {
		panic(errorf("a schedule of %d steps with %d to warm up: it must have more of the former", total, warmup))
	}
	return func(step *graph.Node) *graph.Node {
		rise := graph.DivScalar(step, float64(warmup+1))
		fall := graph.DivScalar(graph.Sub(scalar(step, float64(total+1)), step), float64(total-warmup))
		return graph.MulScalar(graph.MaxScalar(graph.Min(graph.MinScalar(rise, 1), fall), 0), peak)
	}
}
