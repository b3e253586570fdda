package nn

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// The schedules below are those of torch.optim.lr_scheduler, under PyTorch's names, for a scheduler that is stepped after each step of
// the optimiser; [PerEpoch] is for one that is stepped after each epoch. base is the rate given to the optimiser.

// counted counts how often PyTorch's scheduler was stepped before the optimiser's step of that number.
func counted(f func(done *graph.Node) *graph.Node) Schedule {
	return func(step *graph.Node) *graph.Node { return f(graph.MinusOne(step)) }
}

// PerEpoch has a schedule count epochs of n steps.
func PerEpoch(steps int, s Schedule) Schedule {
	if steps < 1 {
		panic(errorf("an epoch has %d steps: it must have at least 1", steps))
	}
	return func(step *graph.Node) *graph.Node {
		return s(graph.OnePlus(graph.Floor(graph.DivScalar(graph.AddScalar(step, -0.5), float64(steps))))) // half a step from where a rounding decides
	}
}

// StepLR multiplies the rate by gamma every n steps.
func StepLR(base float64, size int, gamma float64) Schedule {
	return counted(func(done *graph.Node) *graph.Node {
		return power(base, gamma, graph.Floor(graph.DivScalar(graph.AddScalar(done, 0.5), float64(size))))
	})
}

// MultiStepLR multiplies the rate by gamma at each milestone.
func MultiStepLR(base float64, milestones []int, gamma float64) Schedule {
	return counted(func(done *graph.Node) *graph.Node {
		passed := graph.ZerosLike(done)
		for _, m := range milestones {
			passed = graph.Add(passed, graph.ConvertDType(graph.GreaterOrEqual(done, scalar(done, float64(m))), done.DType()))
		}
		return power(base, gamma, passed)
	})
}

// ExponentialLR multiplies the rate by gamma at every step.
func ExponentialLR(base, gamma float64) Schedule {
	return counted(func(done *graph.Node) *graph.Node { return power(base, gamma, done) })
}

// power is base·gamma^n.
func power(base, gamma float64, n *graph.Node) *graph.Node {
	if gamma <= 0 {
		panic(errorf("a rate is multiplied by %g: it must be more than 0", gamma))
	}
	return graph.MulScalar(graph.Exp(graph.MulScalar(n, math.Log(gamma))), base)
}

// ConstantLR is factor times the rate for n steps, then the rate.
func ConstantLR(base, factor float64, total int) Schedule {
	return counted(func(done *graph.Node) *graph.Node {
		return graph.Where(graph.LessThan(done, scalar(done, float64(total))), scalar(done, base*factor), scalar(done, base))
	})
}

// LinearLR goes evenly from start times the rate to end times the rate in n steps, and stays there.
func LinearLR(base, start, end float64, total int) Schedule {
	return counted(func(done *graph.Node) *graph.Node {
		share := graph.DivScalar(graph.MinScalar(done, float64(total)), float64(total))
		return graph.MulScalar(graph.AddScalar(graph.MulScalar(share, end-start), start), base)
	})
}

// PolynomialLR falls to 0 in n steps, as a power of what is left.
func PolynomialLR(base float64, total int, exponent float64) Schedule {
	return counted(func(done *graph.Node) *graph.Node {
		left := graph.OneMinus(graph.DivScalar(graph.MinScalar(done, float64(total)), float64(total)))
		some := graph.GreaterThan(left, scalar(left, 0))
		log := graph.Log(graph.Where(some, left, graph.OnesLike(left)))
		return graph.MulScalar(graph.Where(some, graph.Exp(graph.MulScalar(log, exponent)), graph.ZerosLike(left)), base)
	})
}

// CosineAnnealingLR falls along half a cosine from the rate to floor in half steps, and rises again in as many (Loshchilov & Hutter, "SGDR",
// 2016, without restarts).
func CosineAnnealingLR(base float64, half int, floor float64) Schedule {
	return counted(func(done *graph.Node) *graph.Node { return cosine(base, floor, graph.DivScalar(done, float64(half))) })
}

// cosine goes from peak to floor along half a cosine, a share of it being done.
func cosine(peak, floor float64, share *graph.Node) *graph.Node {
	return graph.AddScalar(graph.MulScalar(graph.OnePlus(graph.Cos(graph.MulScalar(share, math.Pi))), (peak-floor)/2), floor)
}

// CosineAnnealingWarmRestarts falls along half a cosine to floor and begins again, first after n steps, then each time after factor
// times as many (Loshchilov & Hutter, equation 5). It knows of the restarts in the first 2^24 steps, as far as float32 counts.
func CosineAnnealingWarmRestarts(base float64, first, factor int, floor float64) Schedule {
	if first < 1 || factor < 1 {
		panic(errorf("a cosine restarts after %d steps, then after %d times as many: both must be at least 1", first, factor))
	}
	return counted(func(done *graph.Node) *graph.Node {
		if factor == 1 {
			rounds := graph.Floor(graph.DivScalar(graph.AddScalar(done, 0.5), float64(first)))
			return cosine(base, floor, graph.DivScalar(graph.Sub(done, graph.MulScalar(rounds, float64(first))), float64(first)))
		}
		begin, length := graph.ZerosLike(done), scalar(done, float64(first))
		for at, n := first, first; at < 1<<24; at += n {
			n *= factor
			passed := graph.GreaterOrEqual(done, scalar(done, float64(at)))
			begin = graph.Where(passed, scalar(done, float64(at)), begin)
			length = graph.Where(passed, scalar(done, float64(n)), length)
		}
		return cosine(base, floor, graph.Div(graph.Sub(done, begin), length))
	})
}

// OneCycleLR rises along half a cosine from peak/25 for 30 % of the steps and falls to 1/10,000 of that (Smith & Topin, "Super-convergence",
// 2017): PyTorch's defaults. The optimiser's momentum stays what it is, PyTorch's cycle_momentum=False.
func OneCycleLR(peak float64, total int) Schedule {
	start := peak / 25
	floor := start / 1e4
	turn, end := 0.3*float64(total)-1, float64(total-1)
	return counted(func(done *graph.Node) *graph.Node {
		rise := cosine(start, peak, graph.DivScalar(done, turn))
		fall := cosine(peak, floor, graph.DivScalar(graph.AddScalar(done, -turn), end-turn))
		return graph.Where(graph.LessOrEqual(done, scalar(done, turn)), rise, fall)
	})
}

// SequentialLR follows one schedule up to each milestone and then the next, which counts from there.
func SequentialLR(schedules []Schedule, milestones []int) Schedule {
	if len(schedules) != len(milestones)+1 {
		panic(errorf("there are %d schedules and %d milestones between them: it must be one fewer", len(schedules), len(milestones)))
	}
	return func(step *graph.Node) *graph.Node {
		rate := schedules[0](step)
		for i, m := range milestones {
			later := graph.AddScalar(step, -float64(m))
			begun := graph.GreaterOrEqual(later, graph.OnesLike(later))
			rate = graph.Where(begun, schedules[i+1](graph.MaxScalar(later, 1)), rate)
		}
		return rate
	}
}
