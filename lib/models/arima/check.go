package arima

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Test is a statistic with the probability of one as large if nothing is wrong.
type Test struct{ Statistic, P float64 }

// LjungBox asks whether the first lags of a series hold any autocorrelation (Ljung & Box, Biometrika 65:297, 1978).
// fitted is the number of coefficients that made the residuals, which it takes from the degrees of freedom; missing values
// take part in no product.
func LjungBox(x []float64, lags, fitted int) (Test, error) {
	r, err := ACF(x, lags)
	if err != nil {
		return Test{}, err
	}
	if fitted >= lags {
		return Test{}, fmt.Errorf("arima: a Ljung-Box test of %d lags after fitting %d coefficients has no degrees of freedom left", lags, fitted)
	}
	var n, q float64
	for _, v := range x {
		if !math.IsNaN(v) {
			n++
		}
	}
	for k := 1; k <= lags; k++ {
		q += r[k] * r[k] / (n - float64(k))
	}
	q *= n * (n + 2)
	return Test{q, distuv.ChiSquared{K: float64(lags - fitted)}.Survival(q)}, nil
}

// LjungBox tests the standardized residuals.
func (m *Model) LjungBox(lags int) (Test, error) { return LjungBox(m.known(), lags, 0) }

// Normality is Jarque and Bera's test of the standardized residuals' skewness and kurtosis, which it also returns.
func (m *Model) Normality() (t Test, skewness, kurtosis float64) {
	var n, mean, m2, m3, m4 float64
	for _, v := range m.known() {
		if !math.IsNaN(v) {
			n++
			mean += v
		}
	}
	mean /= n
	for _, v := range m.known() {
		if !math.IsNaN(v) {
			d := v - mean
			m2 += d * d / n
			m3 += d * d * d / n
			m4 += d * d * d * d / n
		}
	}
	skewness, kurtosis = m3/math.Pow(m2, 1.5), m4/(m2*m2)
	t.Statistic = n / 6 * (skewness*skewness + (kurtosis-3)*(kurtosis-3)/4)
	t.P = distuv.ChiSquared{K: 2}.Survival(t.Statistic)
	return t, skewness, kurtosis
}

// Heteroskedasticity compares the squares of the last third of the standardized residuals with the first third's
// (Harvey 1989, 5.4.2): far from 1, the variance changes over time. The test is two-sided. It is NaN where
// a third has nothing to compare.
func (m *Model) Heteroskedasticity() Test {
	e := m.known()
	h := int(math.RoundToEven(float64(len(e)) / 3))
	sum := func(x []float64) (s, n float64) {
		for _, v := range x {
			if !math.IsNaN(v) {
				s += v * v
				n++
			}
		}
		return s, n
	}
	top, nTop := sum(e[len(e)-h:])
	bottom, nBottom := sum(e[:h])
	if nTop == 0 || nBottom == 0 { // all missing: the distribution has no degrees of freedom
		return Test{math.NaN(), math.NaN()}
	}
	ratio := top / bottom
	below := distuv.F{D1: nTop, D2: nBottom}.CDF(ratio)
	return Test{ratio, 2 * min(below, 1-below)}
}

// known is the standardized residuals without the start, where the level was unknown.
func (m *Model) known() []float64 {
	skip := m.lost()
	if m.AllowNonStationary && m.Start == ApproximateDiffuse {
		skip = newSystem(newLayout(m.Config, len(m.exog))).m
	}
	return m.Standardized[min(skip, len(m.Standardized)):]
}

// ACF is the autocorrelation of x at lags 0…lags. Missing values take part in no product.
func ACF(x []float64, lags int) ([]float64, error) {
	var n, mean float64
	for _, v := range x {
		if !math.IsNaN(v) {
			n++
			mean += v
		}
	}
	if lags < 1 || float64(lags) >= n {
		return nil, fmt.Errorf("arima: %d lags of a series of %.0f observations: lags must be 1 or more, and fewer than the observations", lags, n)
	}
	mean /= n
	r := make([]float64, lags+1)
	for k := range r {
		for t := k; t < len(x); t++ {
			if v := (x[t] - mean) * (x[t-k] - mean); !math.IsNaN(v) {
				r[k] += v
			}
		}
	}
	if !(r[0] > 0) {
		return nil, fmt.Errorf("arima: %w: it has no autocorrelation", ErrConstant)
	}
	for k := lags; k >= 0; k-- {
		r[k] /= r[0]
	}
	return r, nil
}

// PACF is the partial autocorrelation of x at lags 0…lags: what a lag adds once the shorter ones are known. It follows
// from the autocorrelations by Durbin and Levinson's recursion (Box & Jenkins, appendix A3.2).
func PACF(x []float64, lags int) ([]float64, error) {
	r, err := ACF(x, lags)
	if err != nil {
		return nil, err
	}
	out := make([]float64, lags+1)
	out[0] = 1
	levinson(r, func(order int, coef []float64) { out[order] = coef[order-1] })
	return out, nil
}

// levinson solves the Yule-Walker equations of every order up to len(r)-1, and shows each solution.
func levinson(r []float64, show func(order int, coef []float64)) {
	var coef []float64
	left := r[0] // the variance that the order leaves
	for order := 1; order < len(r); order++ {
		next := r[order]
		for i, c := range coef {
			next -= c * r[order-1-i]
		}
		next /= left
		old := append([]float64(nil), coef...)
		for i := range coef {
			coef[i] = old[i] - next*old[len(old)-1-i]
		}
		coef = append(coef, next)
		left *= 1 - next*next
		show(order, coef)
	}
}
