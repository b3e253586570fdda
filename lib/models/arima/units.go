package arima

import (
	"math"
	"slices"
)

// A model knows no unit: with y in others, its constant, the regressors' coefficients and the variance change by a factor, and nothing
// else does. A fit does know one wherever it compares a number with a constant: steps, tolerances, what counts as zero. So it
// works on the series in units of its own spread, and gives its answer the factors back.

// units are what y and each regressor are divided by.
type units struct {
	y    float64
	exog []float64
}

// newUnits takes the powers of ten of the spreads, of the series after differencing.
func newUnits(cfg Config, y []float64, exog [][]float64) units {
	u := units{y: unit(steps(cfg, y, y))}
	for _, x := range exog {
		u.exog = append(u.exog, unit(x))
	}
	return u
}

// unit is the power of ten next below the root mean square of the distances from the mean, or from zero where there are none. A
// power of ten keeps the digits of a file, and 1e-300 to 1e300 keeps it a number.
func unit(x []float64) float64 {
	var largest, mean, n float64
	for _, v := range x {
		if !math.IsNaN(v) {
			largest = max(largest, math.Abs(v))
		}
	}
	if largest == 0 {
		return 1
	}
	for _, v := range x {
		if !math.IsNaN(v) {
			mean += v / largest
			n++
		}
	}
	mean /= n
	var square float64
	for _, v := range x {
		if !math.IsNaN(v) {
			d := v/largest - mean
			square += d * d / n
		}
	}
	if square < 1e-24 { // rounding is all that is left
		square = 1
	}
	exponent := math.Floor(math.Log10(largest) + math.Log10(square)/2 + 1e-9)
	return math.Pow10(int(min(max(exponent, -300), 300)))
}

// in returns x in other units, rounded to less than a billionth of them, which no likelihood can tell. Values that differ by a power of
// ten, as two files of one series do, so become the same numbers to the last bit, and their fits one computation: where a likelihood
// has two summits, or none but at the edge, the last bit may decide. The grain is irrational: no number of few digits lies halfway.
func in(unit float64, x []float64) []float64 {
	const grain = 1e9 * math.Sqrt2
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v / unit
		if grains := out[i] * grain; math.Abs(grains) < 1<<53 {
			out[i] = math.Round(grains) / grain
		}
	}
	return out
}

// allIn is in for every regressor.
func allIn(units []float64, x [][]float64) [][]float64 {
	if x == nil {
		return nil
	}
	out := make([][]float64, len(x))
	for j := range x {
		out[j] = in(units[j], x[j])
	}
	return out
}

// series is the series in its unit. Where its level is unknown to the model, neither does the first value matter: taken off, it leaves
// the same numbers of a logarithm, to which another unit only adds a constant.
func (u units) series(cfg Config, y []float64) []float64 {
	if seen := observed(y); cfg.lost() > 0 && cfg.Start != ApproximateDiffuse {
		y = slices.Clone(y)
		for i := range y {
			y[i] -= seen[0]
		}
	}
	return in(u.y, y)
}

// params are the units of the parameters.
func (u units) params(l layout) []float64 {
	out := make([]float64, l.size())
	for i := range out {
		out[i] = 1
	}
	p := l.split(out)
	for i := range p.trend {
		p.trend[i] = u.y
	}
	for j := range p.exog {
		p.exog[j] = u.y / u.exog[j]
	}
	p.sigma2[0] = u.y * u.y
	return out
}

// layout is l with what it knows of the series' unit put into others.
func (u units) layout(l layout) layout {
	l.diffuse = diffuseVariance / (u.y * u.y)
	return l
}

// steps is x differenced: the series y, or one of its regressors. Where y's holes leave too few differences to start from, those
// are taken of what lies at its observed values, as if they met.
func steps(cfg Config, y, x []float64) []float64 {
	if seen(difference(cfg, y)) > newLayout(cfg, 0).size() {
		return difference(cfg, x)
	}
	var met []float64
	for t, v := range y {
		if !math.IsNaN(v) {
			met = append(met, x[t])
		}
	}
	return difference(cfg, met)
}

// stepsOf is steps of every regressor.
func stepsOf(cfg Config, y []float64, exog [][]float64) [][]float64 {
	out := make([][]float64, len(exog))
	for j, x := range exog {
		out[j] = steps(cfg, y, x)
	}
	return out
}

// observed leaves out what is missing.
func observed(y []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(y), math.IsNaN)
}

// seen counts what is not missing.
func seen(y []float64) (n int) {
	for _, v := range y {
		if !math.IsNaN(v) {
			n++
		}
	}
	return n
}
