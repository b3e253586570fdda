package anomaly

import (
	"fmt"
	"math"
	"slices"
)

// Alarm is the rule by which a threshold follows from the scores of normal rows.
type Alarm struct {
	// Rule is quantile, or pot: peaks over threshold (Siffer et al., "Anomaly detection in streams with extreme value theory", 2017).
	Rule string `json:"rule" help:"how the threshold follows from normal scores: quantile, or pot (peaks over threshold)"`
	// Quantile of the normal scores; with pot it is that beyond which scores are peaks.
	Quantile float64 `json:"quantile" help:"of the normal scores; with pot, beyond which they are peaks"`
	// Margin multiplies the quantile; 0 is 1. A pot needs none.
	Margin float64 `json:"margin" help:"what the quantile is multiplied by"`
	// Risk is the probability that a normal score is above the threshold, with pot.
	Risk float64 `json:"risk,omitempty" help:"with pot: probability that a normal score is above the threshold"`
}

// Validate reports the first field that makes no rule.
func (a Alarm) Validate() error {
	switch {
	case a.Rule != "quantile" && a.Rule != "pot":
		return fmt.Errorf("anomaly: rule is %q: it must be quantile or pot", a.Rule)
	case !(a.Quantile > 0 && a.Quantile <= 1):
		return fmt.Errorf("anomaly: quantile is %g: it must be above 0 and at most 1", a.Quantile)
	case !(a.Margin >= 0):
		return fmt.Errorf("anomaly: margin is %g: it must be positive", a.Margin)
	case a.Rule == "pot" && !(a.Risk > 0 && a.Risk < 1-a.Quantile):
		return fmt.Errorf("anomaly: risk is %g: it must be above 0 and below %g, what the quantile leaves above", a.Risk, 1-a.Quantile)
	}
	return nil
}

// Threshold is the score above which a row is flagged. normal: scores of normal rows, none of them NaN.
func (a Alarm) Threshold(normal []float64) (float64, error) {
	if err := a.Validate(); err != nil {
		return 0, err
	}
	if len(normal) == 0 {
		return 0, fmt.Errorf("anomaly: there are no normal scores to set a threshold by: give more normal rows than window and smooth take")
	}
	sorted := slices.Sorted(slices.Values(normal))
	first := quantile(sorted, a.Quantile)
	if a.Rule == "quantile" {
		if a.Margin == 0 {
			return first, nil
		}
		return first * a.Margin, nil
	}
	var peaks []float64
	for _, s := range sorted {
		if s > first {
			peaks = append(peaks, s-first)
		}
	}
	if len(peaks) < 10 {
		return 0, fmt.Errorf("anomaly: %d normal scores are above the quantile %g: there must be at least 10 to fit their tail; take a smaller quantile, or more rows", len(peaks), a.Quantile)
	}
	shape, scale := paretoFit(peaks)
	r := a.Risk * float64(len(sorted)) / float64(len(peaks)) // equation 1 of Siffer et al.
	if math.Abs(shape) < 1e-8 {
		return first - scale*math.Log(r), nil
	}
	return first + scale/shape*(math.Pow(r, -shape)-1), nil
}

// paretoFit is the generalised Pareto distribution, of shape and scale, under which excesses are most likely. Grimshaw's trick ("Computing maximum
// likelihood estimates for the generalized Pareto distribution", 1993) leaves one unknown, θ = shape/scale, which is looked for on a grid
// and then between its neighbours.
func paretoFit(excesses []float64) (shape, scale float64) {
	mean, largest := 0.0, slices.Max(excesses)
	for _, y := range excesses {
		mean += y / float64(len(excesses))
	}
	shapeOf := func(theta float64) float64 {
		sum := 0.0
		for _, y := range excesses {
			sum += math.Log1p(theta*y) / float64(len(excesses))
		}
		return sum
	}
	likelihood := func(theta float64) float64 { // of one excess, in nats
		if theta == 0 {
			return -math.Log(mean) - 1
		}
		g := shapeOf(theta)
		if g <= -1 { // the density grows to infinity at the end: no maximum
			return math.Inf(-1)
		}
		return -math.Log(g/theta) - g - 1
	}
	const steps = 400
	grid := make([]float64, 0, 2*steps+1)
	for i := steps; i >= 1; i-- { // down to where the largest excess is the end of the distribution
		grid = append(grid, -(1-1e-6)/largest*math.Pow(10, -6*float64(i-1)/steps))
	}
	slices.Sort(grid)
	grid = append(grid, 0)
	for i := range steps {
		grid = append(grid, math.Pow(10, -6+8*float64(i)/steps)/mean)
	}
	best := 0
	for i, theta := range grid {
		if likelihood(theta) > likelihood(grid[best]) {
			best = i
		}
	}
	low, high := grid[max(best-1, 0)], grid[min(best+1, len(grid)-1)]
	const golden = 0.6180339887498949
	for range 100 {
		a, b := high-golden*(high-low), low+golden*(high-low)
		if likelihood(a) < likelihood(b) {
			low = a
		} else {
			high = b
		}
	}
	theta := (low + high) / 2
	if math.Abs(theta)*mean < 1e-9 {
		return 0, mean
	}
	shape = shapeOf(theta)
	return shape, shape / theta
}
