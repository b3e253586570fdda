package metrics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

// Scaled is one training of a family of models.
type Scaled struct {
	Parameters, Tokens float64
	Loss               float64 // nats a token
}

// Compute is about what the training takes in floating-point operations: six for each parameter and token (Kaplan et al., "Scaling laws for
// neural language models", 2020, section 2.1).
func (s Scaled) Compute() float64 { return 6 * s.Parameters * s.Tokens }

// ScalingLaw is L = E + A/N^Alpha + B/D^Beta, of N parameters and D tokens (Hoffmann et al., "Training compute-optimal large language models",
// 2022, equation 2).
type ScalingLaw struct{ E, A, B, Alpha, Beta float64 }

const numbers = 5 // of a law

// Loss is what the law says of a size and an amount of data.
func (l ScalingLaw) Loss(parameters, tokens float64) float64 {
	return l.E + l.A/math.Pow(parameters, l.Alpha) + l.B/math.Pow(tokens, l.Beta)
}

// FitScaling is the law with the least Huber loss of the logarithms, its threshold 1e-3, from the paper's grid of starts, thinned (section 3.3 and appendix
// D.3).
func FitScaling(points []Scaled) (ScalingLaw, error) {
	if len(points) < numbers {
		return ScalingLaw{}, fmt.Errorf("metrics: there are %d trainings: it must be at least %d, one for each number of the law", len(points), numbers)
	}
	for i, p := range points {
		if !(p.Parameters > 0 && p.Tokens > 0 && p.Loss > 0) || math.IsInf(p.Parameters+p.Tokens+p.Loss, 0) {
			return ScalingLaw{}, fmt.Errorf("metrics: training %d is %+v: its numbers must be positive", i, p)
		}
	}
	best, least := []float64(nil), math.Inf(1)
	for _, alpha := range []float64{0.2, 0.8} {
		for _, beta := range []float64{0.2, 0.8} {
			for _, e := range []float64{-0.5, 0.5} {
				for _, a := range []float64{2, 8} {
					for _, b := range []float64{2, 8} {
						x, f := fitFrom(points, []float64{a, b, e, alpha, beta}, 100)
						if f < least {
							best, least = x, f
						}
					}
				}
			}
		}
	}
	if best == nil {
		return ScalingLaw{}, fmt.Errorf("metrics: no law fits these %d trainings", len(points))
	}
	best, _ = fitFrom(points, best, 2000) // the best of rough ones, to its end
	return lawOf(best), nil
}

// lawOf is the law of what is fitted, log A, log B, log E, alpha and beta.
func lawOf(x []float64) ScalingLaw {
	return ScalingLaw{E: math.Exp(x[2]), A: math.Exp(x[0]), B: math.Exp(x[1]), Alpha: x[3], Beta: x[4]}
}

// fitFrom minimises from one start, log A, log B, log E, alpha and beta, in so many iterations at most.
func fitFrom(points []Scaled, start []float64, iterations int) ([]float64, float64) {
	problem := optimize.Problem{
		Func: func(x []float64) float64 { return scalingLoss(points, x, nil) },
		Grad: func(into, x []float64) { scalingLoss(points, x, into) },
	}
	settings := &optimize.Settings{GradientThreshold: 1e-10, MajorIterations: iterations, Converger: optimize.NeverTerminate{}}
	// A line search that finds no lower point any more ends in an error at the minimum.
	result, _ := optimize.Minimize(problem, start, settings, &optimize.BFGS{})
	if result == nil || math.IsNaN(result.F) {
		return nil, math.Inf(1)
	}
	return result.X, result.F
}

// scalingLoss is the Huber loss, and puts its gradient into grad where there is one.
func scalingLoss(points []Scaled, x, grad []float64) float64 {
	const delta = 1e-3
	for i := range grad {
		grad[i] = 0
	}
	sum := 0.0
	for _, p := range points {
		n, d := math.Log(p.Parameters), math.Log(p.Tokens)
		parts := [3]float64{x[0] - x[3]*n, x[1] - x[4]*d, x[2]}
		top := slices.Max(parts[:])
		total := 0.0
		for _, v := range parts {
			total += math.Exp(v - top)
		}
		r := top + math.Log(total) - math.Log(p.Loss)
		slope := max(-delta, min(delta, r))
		if math.Abs(r) <= delta {
			sum += r * r / 2
		} else {
			sum += delta * (math.Abs(r) - delta/2)
		}
		if grad != nil {
			for i, v := range parts {
				grad[i] += slope * math.Exp(v-top) / total
			}
			grad[3] -= slope * math.Exp(parts[0]-top) / total * n
			grad[4] -= slope * math.Exp(parts[1]-top) / total * d
		}
	}
	return sum
}

// ScalingBootstrap fits laws to trainings drawn from these with repeats, for intervals. Draws with fewer than five different trainings are drawn anew.
func ScalingBootstrap(points []Scaled, draws int, seed uint64) ([]ScalingLaw, error) {
	if draws < 1 {
		return nil, fmt.Errorf("metrics: draws is %d: it must be at least 1", draws)
	}
	if _, err := FitScaling(points); err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	laws := make([]ScalingLaw, 0, draws)
	for len(laws) < draws {
		sample, different := make([]Scaled, len(points)), map[int]bool{}
		for i := range sample {
			at := rng.IntN(len(points))
			sample[i], different[at] = points[at], true
		}
		if len(different) < numbers {
			continue
		}
		law, err := FitScaling(sample)
		if err != nil {
			return nil, err
		}
		laws = append(laws, law)
	}
	return laws, nil
}
