package arima

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// AR is an autoregression, y[t] = Intercept + Coef[0] y[t-1] + Coef[1] y[t-2] + … + ε[t].
type AR struct {
	Intercept float64
	Coef      []float64
	Sigma2    float64   // variance of ε
	StdErr    []float64 // of Intercept and Coef, by least squares; nil after Yule and Walker
}

// LeastSquares fits an autoregression by regressing the series on its own past: the likelihood's maximum when the first
// values are taken as given. The result may be non-stationary.
func LeastSquares(y []float64, order int) (*AR, error) {
	if err := checkAR(y, order, 2*order+2); err != nil {
		return nil, err
	}
	u := unit(y) // in others, what counts as dependent would depend on them
	y = slices.Clone(y)
	for t := range y {
		y[t] /= u
	}
	ones := make([]float64, len(y)-order)
	for i := range ones {
		ones[i] = 1
	}
	x := append([][]float64{ones}, lags(y, order, 1, order)...)
	coef := leastSquares(x, y[order:])
	left := subtract(x, coef, y[order:])
	ar := &AR{Intercept: coef[0], Coef: coef[1:]}
	for _, e := range left {
		ar.Sigma2 += e * e / float64(len(left))
	}
	gram := mat.NewSymDense(len(x), nil)
	for i := range x {
		for j := range i + 1 {
			var sum float64
			for t := range x[i] {
				sum += x[i][t] * x[j][t]
			}
			gram.SetSym(i, j, sum)
		}
	}
	inverse := pseudoInverse(gram)
	for i := range x {
		ar.StdErr = append(ar.StdErr, math.Sqrt(ar.Sigma2*inverse.At(i, i)))
	}
	ar.Intercept, ar.Sigma2, ar.StdErr[0] = ar.Intercept*u, ar.Sigma2*u*u, ar.StdErr[0]*u
	return ar, nil
}

// YuleWalker fits an autoregression by making its autocorrelations those of the series. With the autocovariances divided
// by the series' length, as here, the result is always stationary (Box & Jenkins, 7.3).
func YuleWalker(y []float64, order int) (*AR, error) {
	if err := checkAR(y, order, order+2); err != nil {
		return nil, err
	}
	r, err := ACF(y, order)
	if err != nil {
		return nil, err
	}
	ar := &AR{}
	levinson(r, func(_ int, coef []float64) { ar.Coef = append(ar.Coef[:0], coef...) })
	var mean, variance float64
	for _, v := range y {
		mean += v / float64(len(y))
	}
	for _, v := range y {
		variance += (v - mean) * (v - mean) / float64(len(y))
	}
	ar.Intercept, ar.Sigma2 = mean, variance
	for i, c := range ar.Coef {
		ar.Intercept -= c * mean
		ar.Sigma2 -= variance * c * r[i+1]
	}
	return ar, nil
}

// Forecast continues the series: each step takes the forecasts before it for observations.
func (a *AR) Forecast(y []float64, steps int) ([]float64, error) {
	if len(y) < len(a.Coef) {
		return nil, fmt.Errorf("arima: an autoregression of order %d can't continue a series of %d", len(a.Coef), len(y))
	}
	past := append([]float64(nil), y[len(y)-len(a.Coef):]...)
	for range steps {
		next := a.Intercept
		for i, c := range a.Coef {
			next += c * past[len(past)-1-i]
		}
		past = append(past, next)
	}
	return past[len(a.Coef):], nil
}

func checkAR(y []float64, order, need int) error {
	if order < 1 {
		return fmt.Errorf("arima: an autoregression of order %d: it must be 1 or more", order)
	}
	if len(y) < need {
		return fmt.Errorf("arima: an autoregression of order %d needs at least %d observations, the series has %d", order, need, len(y))
	}
	for t, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("arima: observation %d is %v: least squares and Yule-Walker take no missing values; Fit does", t+1, v)
		}
	}
	if left, level := spread(y, true); left <= 1e-12*level {
		return fmt.Errorf("arima: %w: there is nothing random to model", ErrConstant)
	}
	return nil
}
