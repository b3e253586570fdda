package nn

import (
	"cmp"
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// Losses of values; input and target have one shape.

// MSELoss is PyTorch's nn.MSELoss, (input - target)².
type MSELoss struct{ Reduction Reduction }

// Of is the loss.
func (l MSELoss) Of(input, target *graph.Node) *graph.Node {
	checkAlike("MSELoss", input, target)
	return l.Reduction.of(graph.Square(graph.Sub(input, target)))
}

// L1Loss is PyTorch's nn.L1Loss, |input - target|.
type L1Loss struct{ Reduction Reduction }

// Of is the loss.
func (l L1Loss) Of(input, target *graph.Node) *graph.Node {
	checkAlike("L1Loss", input, target)
	return l.Reduction.of(absolute(graph.Sub(input, target)))
}

// SmoothL1Loss is PyTorch's nn.SmoothL1Loss (Girshick, "Fast R-CNN", 2015, equation 3): d²/(2·Beta) where |d| is less than Beta, else
// |d| - Beta/2.
type SmoothL1Loss struct {
	Beta      float64 // 0 is PyTorch's default, 1; what PyTorch makes of beta=0 is L1Loss
	Reduction Reduction
}

// Of is the loss.
func (l SmoothL1Loss) Of(input, target *graph.Node) *graph.Node {
	checkAlike("SmoothL1Loss", input, target)
	beta := cmp.Or(l.Beta, 1)
	return l.Reduction.of(graph.DivScalar(huber(graph.Sub(input, target), beta), beta))
}

// HuberLoss is PyTorch's nn.HuberLoss (Huber, "Robust estimation of a location parameter", 1964): d²/2 where |d| is less than Delta, else
// Delta·(|d| - Delta/2).
type HuberLoss struct {
	Delta     float64 // 0 is PyTorch's default, 1
	Reduction Reduction
}

// Of is the loss.
func (l HuberLoss) Of(input, target *graph.Node) *graph.Node {
	checkAlike("HuberLoss", input, target)
	return l.Reduction.of(huber(graph.Sub(input, target), cmp.Or(l.Delta, 1)))
}

func huber(d *graph.Node, delta float64) *graph.Node {
	size := absolute(d)
	line := graph.MulScalar(graph.AddScalar(size, -delta/2), delta)
	return graph.Where(graph.LessThan(size, scalar(d, delta)), graph.MulScalar(graph.Square(d), 0.5), line)
}

// PoissonNLLLoss is PyTorch's nn.PoissonNLLLoss of a rate or, by default, its logarithm, without log(target!).
type PoissonNLLLoss struct {
	Rate      bool    // input is the rate, PyTorch's log_input=False
	Full      bool    // with Stirling's approximation of log(target!) for targets above 1
	Eps       float64 // added to a rate before its logarithm; 0 is PyTorch's default, 1e-8
	Reduction Reduction
}

// Of is the loss.
func (l PoissonNLLLoss) Of(input, target *graph.Node) *graph.Node {
	checkAlike("PoissonNLLLoss", input, target)
	each := graph.Sub(graph.Exp(input), graph.Mul(target, input))
	if l.Rate {
		each = graph.Sub(input, graph.Mul(target, graph.Log(graph.AddScalar(input, cmp.Or(l.Eps, 1e-8)))))
	}
	if l.Full {
		above := graph.GreaterThan(target, scalar(target, 1))
		t := graph.Where(above, target, graph.OnesLike(target))
		stirling := graph.Add(graph.Sub(graph.Mul(t, graph.Log(t)), t), graph.MulScalar(graph.Log(graph.MulScalar(t, 2*math.Pi)), 0.5))
		each = graph.Add(each, graph.Where(above, stirling, graph.ZerosLike(stirling)))
	}
	return l.Reduction.of(each)
}

// GaussianNLLLoss is PyTorch's nn.GaussianNLLLoss (Nix & Weigend, "Estimating the mean and variance of the target probability
// distribution", 1994), without log(2π)/2 unless Full.
type GaussianNLLLoss struct {
	Full      bool
	Eps       float64 // the least variance, which has the gradient of the one given; 0 is PyTorch's default, 1e-6
	Reduction Reduction
}

// Of is the loss; variance is shaped as the others, but for an axis of length 1, or without the last.
func (l GaussianNLLLoss) Of(input, target, variance *graph.Node) *graph.Node {
	checkAlike("GaussianNLLLoss", input, target)
	if variance.Rank() == input.Rank()-1 {
		variance = graph.InsertAxes(variance, -1)
	}
	variance = graph.BroadcastToShape(variance, input.Shape())
	eps := cmp.Or(l.Eps, 1e-6)
	raise := graph.Where(graph.LessThan(variance, scalar(variance, eps)), graph.AddScalar(graph.Neg(variance), eps), graph.ZerosLike(variance))
	variance = graph.Add(variance, graph.StopGradient(raise))
	each := graph.MulScalar(graph.Add(graph.Log(variance), graph.Div(graph.Square(graph.Sub(input, target)), variance)), 0.5)
	if l.Full {
		each = graph.AddScalar(each, math.Log(2*math.Pi)/2)
	}
	return l.Reduction.of(each)
}

// KLDivLoss is PyTorch's nn.KLDivLoss, target·(log target - input) with input a logarithm: KL(target ‖ input) where it is summed.
type KLDivLoss struct {
	LogTarget bool // target is a logarithm, too
	Reduction Reduction
}

// Of is the loss.
func (l KLDivLoss) Of(input, target *graph.Node) *graph.Node {
	checkAlike("KLDivLoss", input, target)
	var each *graph.Node
	if l.LogTarget {
		each = graph.Mul(graph.Exp(target), graph.Sub(target, input))
	} else { // 0·log 0 is 0
		some := graph.GreaterThan(target, scalar(target, 0))
		log := graph.Log(graph.Where(some, target, graph.OnesLike(target)))
		each = graph.Sub(graph.Mul(target, log), graph.Mul(target, input))
	}
	if l.Reduction == BatchMean {
		return graph.DivScalar(graph.ReduceAllSum(each), float64(input.Shape().Dim(0)))
	}
	return l.Reduction.of(each)
}
