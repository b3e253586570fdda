package arima

import (
	"fmt"
	"math"
)

// layout says where each parameter lies in a vector: trend, regressors, ar, ma, seasonal ar, seasonal ma, variance,
// in statsmodels' order.
type layout struct {
	Config
	exog    int
	diffuse float64 // variance of an unknown state under ApproximateDiffuse, in the series' unit squared
}

func newLayout(cfg Config, exog int) layout { return layout{cfg, exog, diffuseVariance} }

func (l layout) size() int {
	return l.Trend.terms() + l.exog + l.Order.P + l.Order.Q + l.Seasonal.P + l.Seasonal.Q + 1
}

// split returns the parts of a vector, sharing its memory.
func (l layout) split(x []float64) (p parts) {
	take := func(n int) []float64 {
		head := x[:n:n]
		x = x[n:]
		return head
	}
	p.trend, p.exog = take(l.Trend.terms()), take(l.exog)
	p.ar, p.ma, p.sar, p.sma = take(l.Order.P), take(l.Order.Q), take(l.Seasonal.P), take(l.Seasonal.Q)
	p.sigma2 = take(1)
	return p
}

type parts struct{ trend, exog, ar, ma, sar, sma, sigma2 []float64 }

// names are statsmodels' names of the parameters.
func (l layout) names() []string {
	var names []string
	switch l.Trend {
	case Constant:
		names = append(names, "intercept")
	case Linear:
		names = append(names, "drift")
	case ConstantLinear:
		names = append(names, "intercept", "drift")
	}
	add := func(format string, n, step int) {
		for i := 1; i <= n; i++ {
			names = append(names, fmt.Sprintf(format, i*step))
		}
	}
	add("x%d", l.exog, 1)
	add("ar.L%d", l.Order.P, 1)
	add("ma.L%d", l.Order.Q, 1)
	add("ar.S.L%d", l.Seasonal.P, l.Seasonal.Period)
	add("ma.S.L%d", l.Seasonal.Q, l.Seasonal.Period)
	return append(names, "sigma2")
}

// constrain turns what the optimiser moves freely into parameters: the polynomials' roots stay outside the unit
// circle unless the config allows otherwise, the variance stays positive.
func (l layout) constrain(dst, free []float64) {
	copy(dst, free)
	d, f := l.split(dst), l.split(free)
	if !l.AllowNonStationary {
		constrain(d.ar, f.ar, 1)
		constrain(d.sar, f.sar, 1)
	}
	if !l.AllowNonInvertible {
		constrain(d.ma, f.ma, -1)
		constrain(d.sma, f.sma, -1)
	}
	d.sigma2[0] = f.sigma2[0] * f.sigma2[0]
}

// free is the inverse of constrain.
func (l layout) free(dst, params []float64) {
	copy(dst, params)
	d, p := l.split(dst), l.split(params)
	if !l.AllowNonStationary {
		unconstrain(d.ar, p.ar, 1)
		unconstrain(d.sar, p.sar, 1)
	}
	if !l.AllowNonInvertible {
		unconstrain(d.ma, p.ma, -1)
		unconstrain(d.sma, p.sma, -1)
	}
	d.sigma2[0] = math.Sqrt(p.sigma2[0])
}

// constrain maps any real vector to the coefficients of a stationary polynomial (sign 1), or of an invertible one
// (sign -1): squash each number into a partial autocorrelation, then run Durbin and Levinson (Monahan 1984).
func constrain(dst, free []float64, sign float64) {
	y := make([]float64, len(free))
	prev := make([]float64, len(free))
	for k, x := range free {
		r := x / math.Sqrt(1+x*x)
		for i := range k {
			y[i] = prev[i] + r*prev[k-i-1]
		}
		y[k] = r
		copy(prev, y[:k+1])
	}
	for i := range dst {
		dst[i] = -sign * y[i]
	}
}

// unconstrain is the inverse of constrain.
func unconstrain(dst, coef []float64, sign float64) {
	n := len(coef)
	y := make([]float64, n)
	for i := range y {
		y[i] = -sign * coef[i]
	}
	prev := make([]float64, n)
	for k := n - 1; k >= 0; k-- {
		r := y[k]
		dst[k] = r / math.Sqrt(1-r*r)
		for i := range k {
			prev[i] = (y[i] - r*y[k-i-1]) / (1 - r*r)
		}
		copy(y[:k], prev)
	}
}

// inside says whether the polynomial 1 - sign·(coef₁z + coef₂z² + …) has all its roots outside the unit circle: whether
// its partial autocorrelations are all below one in size.
func inside(coef []float64, sign float64) bool {
	x := make([]float64, len(coef))
	unconstrain(x, coef, sign)
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// product multiplies 1 - sign·(a₁z + a₂z² + …) by 1 - sign·(b₁zˢ + b₂z²ˢ + …) and writes the product's coefficients,
// with the same sign taken out, into dst from z on.
func product(dst, a, b []float64, s int, sign float64) {
	for i := range dst {
		dst[i] = 0
	}
	copy(dst, a)
	for j, v := range b {
		at := (j+1)*s - 1
		dst[at] += v
		for i, u := range a {
			dst[at+1+i] -= sign * u * v
		}
	}
}
