package arima

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// startParams are statsmodels' starting values: regressors by least squares on the differenced series, then the two
// ARMA parts one after the other by conditional least squares. What it had to give up is said in warnings.
// white is another start: the same regressors, and noise around the trend.
// y and exog are differenced.
func startParams(l layout, y []float64, exog [][]float64) (params, white []float64, warnings []string) {
	params, white = make([]float64, l.size()), make([]float64, l.size())
	p, w := l.split(params), l.split(white)
	// Least squares can't deal with missing values: they are left out, as if their neighbours met.
	var z []float64
	var times []int
	x := make([][]float64, len(exog))
	for t, v := range y {
		if math.IsNaN(v) {
			continue
		}
		z, times = append(z, v), append(times, t+1)
		for j := range exog {
			x[j] = append(x[j], exog[j][t])
		}
	}
	if l.exog > 0 && len(z) > 0 {
		beta := leastSquares(x, z)
		copy(p.exog, beta)
		copy(w.exog, beta)
		z = subtract(x, beta, z)
	}
	var trend [][]float64
	for _, power := range map[Trend][]float64{Constant: {0}, Linear: {1}, ConstantLinear: {0, 1}}[l.Trend] {
		column := make([]float64, len(z))
		for i, t := range times {
			column[i] = math.Pow(float64(t), power)
		}
		trend = append(trend, column)
	}
	copy(w.trend, leastSquares(trend, z))
	w.sigma2[0] = max(meanSquare(subtract(trend, w.trend, z)), 1e-10)

	variance := math.NaN()
	part := func(what string, trendTo, ar, ma []float64, step int, trend [][]float64) {
		if len(ar)+len(ma)+len(trendTo) == 0 {
			return
		}
		coef, v, ok := conditional(z, len(ar), len(ma), step, trend)
		if !ok {
			warnings = append(warnings, fmt.Sprintf("too few observations for the starting values of the %s part: zeros are used", what))
		}
		copy(trendTo, coef)
		copy(ar, coef[len(trendTo):])
		copy(ma, coef[len(trendTo)+len(ar):])
		if math.IsNaN(variance) {
			variance = v
		}
		if !l.AllowNonStationary && !inside(ar, 1) {
			warnings = append(warnings, fmt.Sprintf("the starting autoregression of the %s part is not stationary: zeros are used", what))
			clear(ar)
		}
		if !l.AllowNonInvertible && !inside(ma, -1) {
			warnings = append(warnings, fmt.Sprintf("the starting moving average of the %s part is not invertible: zeros are used", what))
			clear(ma)
		}
	}
	part("ordinary", p.trend, p.ar, p.ma, 1, trend)
	part("seasonal", nil, p.sar, p.sma, l.Seasonal.Period, nil)
	if math.IsNaN(variance) {
		variance = meanSquare(z)
	}
	p.sigma2[0] = max(variance, 1e-10)
	return params, white, warnings
}

func meanSquare(x []float64) (mean float64) {
	for _, v := range x {
		mean += v * v / float64(len(x))
	}
	return mean
}

// conditional fits trend, p autoregressive and q moving-average terms at multiples of step, by least squares. The errors
// that the moving average needs are the residuals of a long autoregression (Hannan & Rissanen 1982).
func conditional(z []float64, p, q, step int, trend [][]float64) (coef []float64, variance float64, ok bool) {
	coef = make([]float64, len(trend)+p+q)
	long := 2 * q * step
	from := max(long+q*step, p*step)
	if len(z) <= max(from, long) {
		if len(z) > 0 {
			variance = stat.PopVariance(z, nil)
		}
		return coef, variance, false
	}
	var errs []float64
	if q > 0 {
		errs = residuals(lags(z, long, 1, long), z[long:])
	}
	x := make([][]float64, 0, len(coef))
	for _, column := range trend {
		x = append(x, column[:len(z)-from])
	}
	x = append(x, lags(z, p, step, from)...)
	x = append(x, lags(errs, q, step, from-long)...)
	coef = leastSquares(x, z[from:])
	left := subtract(x, coef, z[from:])
	if len(left) > max(1, q) {
		variance = meanSquare(left[q:])
	} else {
		variance = stat.PopVariance(z, nil)
	}
	return coef, variance, true
}

// lags returns z delayed by step, 2·step, … n·step, each from the given time on.
func lags(z []float64, n, step, from int) [][]float64 {
	out := make([][]float64, n)
	for i := range out {
		delay := (i + 1) * step
		out[i] = z[from-delay : len(z)-delay]
	}
	return out
}

func residuals(x [][]float64, y []float64) []float64 { return subtract(x, leastSquares(x, y), y) }

func subtract(x [][]float64, coef, y []float64) []float64 {
	out := append([]float64(nil), y...)
	for j, c := range coef {
		for t := range out {
			out[t] -= c * x[j][t]
		}
	}
	return out
}

// leastSquares regresses y on the columns of x; where they are dependent, it takes the smallest coefficients.
func leastSquares(x [][]float64, y []float64) []float64 {
	n := len(x)
	coef := make([]float64, n)
	if n == 0 {
		return coef
	}
	a := mat.NewDense(len(y), n, nil)
	for j, column := range x {
		a.SetCol(j, column)
	}
	b := mat.NewVecDense(len(y), y)
	if len(y) >= n {
		var qr mat.QR
		qr.Factorize(a)
		if qr.Cond() < 1e12 {
			var out mat.VecDense
			if err := qr.SolveVecTo(&out, false, b); err == nil {
				copy(coef, out.RawVector().Data)
				return coef
			}
		}
	}
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		return coef
	}
	rank := svd.Rank(1e-15)
	if rank == 0 {
		return coef
	}
	var out mat.VecDense
	svd.SolveVecTo(&out, b, rank)
	copy(coef, out.RawVector().Data)
	return coef
}
