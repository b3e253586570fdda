package arima

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// system is the model in state space form (Harvey 1989, as SARIMAX lays it out):
//
//	y[t] = Z α[t] + β·x[t]
//	α[t+1] = T α[t] + trend[t] e + R ε[t]
//
// The states are, in order: d cumulated differences; D seasonal blocks of s lags each; and r = max(p, q+1) states of
// the stationary part, in companion form. Z, T and R are nearly empty, so they are never stored: apply multiplies by T.
type system struct {
	layout
	d, blocks, period, r, m int
	first                   int       // the stationary part's first state
	phi, theta              []float64 // [r]: φ₁…, and θ₀=1, θ₁…: the polynomials multiplied out, zero-padded
	trend, beta             []float64
	sigma2                  float64
	p, q                    int       // degrees of the multiplied polynomials
	psi                     []float64 // work of stationary
	sum, row                []float64 // work of propagate
}

// newSystem lays out the states. With differences taken beforehand, the state space has none.
func newSystem(l layout) *system {
	s := &system{layout: l, d: l.Order.D, blocks: l.Seasonal.D, period: l.Seasonal.Period}
	if l.Start == Differenced {
		s.d, s.blocks = 0, 0
	}
	s.p = l.Order.P + l.Seasonal.P*l.Seasonal.Period
	s.q = l.Order.Q + l.Seasonal.Q*l.Seasonal.Period
	s.r = max(s.p, s.q+1)
	s.first = s.d + s.blocks*s.period
	s.m = s.first + s.r
	s.phi, s.theta, s.psi = make([]float64, s.r), make([]float64, s.r), make([]float64, s.r)
	s.sum, s.row = make([]float64, s.m), make([]float64, s.m)
	return s
}

// set gives the system its parameters.
func (s *system) set(params []float64) {
	p := s.split(params)
	product(s.phi[:s.p], p.ar, p.sar, s.period, 1)
	s.theta[0] = 1
	product(s.theta[1:s.q+1], p.ma, p.sma, s.period, -1)
	s.trend, s.beta, s.sigma2 = p.trend, p.exog, p.sigma2[0]
}

// observe returns Z·a: the observation that a state makes.
func (s *system) observe(a []float64) float64 {
	y := a[s.first]
	for i := range s.d {
		y += a[i]
	}
	for b := range s.blocks {
		y += a[s.d+(b+1)*s.period-1]
	}
	return y
}

// observeAll writes P·Z' into dst, for a symmetric P [m, m].
func (s *system) observeAll(dst, p []float64) {
	copy(dst, p[s.first*s.m:(s.first+1)*s.m])
	add := func(i int) { floats.Add(dst, p[i*s.m:(i+1)*s.m]) }
	for i := range s.d {
		add(i)
	}
	for b := range s.blocks {
		add(s.d + (b+1)*s.period - 1)
	}
}

// apply writes T·a into dst.
func (s *system) apply(dst, a []float64) {
	head := a[s.first]
	sum := head
	for b := s.blocks - 1; b >= 0; b-- {
		start := s.d + b*s.period
		sum += a[start+s.period-1]
		copy(dst[start+1:start+s.period], a[start:start+s.period-1])
		dst[start] = sum
	}
	for i := s.d - 1; i >= 0; i-- {
		sum += a[i]
		dst[i] = sum
	}
	out := dst[s.first:s.m]
	copy(out, a[s.first+1:s.m])
	out[s.r-1] = 0
	for i, f := range s.phi[:s.p] {
		out[i] += f * head
	}
}

// propagate writes T·P·T' into dst: each row of T·P, then T on that row. P is symmetric, and so is dst.
func (s *system) propagate(dst, p []float64) {
	m := s.m
	row := func(x []float64, i int) []float64 { return x[i*m : (i+1)*m] }
	head := row(p, s.first)
	sum := s.sum
	copy(sum, head)
	for b := s.blocks - 1; b >= 0; b-- {
		start := s.d + b*s.period
		floats.Add(sum, row(p, start+s.period-1))
		s.apply(row(dst, start), sum)
		for k := 1; k < s.period; k++ {
			s.apply(row(dst, start+k), row(p, start+k-1))
		}
	}
	for i := s.d - 1; i >= 0; i-- {
		floats.Add(sum, row(p, i))
		s.apply(row(dst, i), sum)
	}
	for i, f := range s.phi {
		w := s.row
		switch next := i + 1; {
		case next == s.r:
			floats.ScaleTo(w, f, head)
		case f == 0:
			w = row(p, s.first+next)
		default:
			floats.AddScaledTo(w, row(p, s.first+next), f, head)
		}
		s.apply(row(dst, s.first+i), w)
	}
	for i := range m {
		for j := range i {
			dst[i*m+j] = dst[j*m+i]
		}
	}
}

// noise adds R σ² R' to P.
func (s *system) noise(p []float64) {
	theta := s.theta[:s.q+1]
	for i, v := range theta {
		if v == 0 {
			continue // most are, in a seasonal model
		}
		row := p[(s.first+i)*s.m+s.first:]
		for j, w := range theta {
			row[j] += s.sigma2 * v * w
		}
	}
}

// intercept is the trend's push on the first stationary state, after the observation at t (0 at the first).
func (s *system) intercept(t int) float64 { return s.Trend.at(s.trend, t+1) }

// stationary writes the mean and covariance of the stationary states into a and P, which are zero. It returns false when
// the parameters have no stationary distribution.
//
// The covariance solves V = T V T' + R σ² R'. For a companion T, V[i,j] follows from V[i+1,j+1] and the first row, and the
// first row from the autocovariances γ (Gardner's AS 154 solves the same equations).
func (s *system) stationary(a, p []float64) bool {
	r, m := s.r, s.m
	// ψ: the response of y to ε, j steps later; so Cov(y[t], ε[t-j]) = σ² ψ[j].
	psi := s.psi
	for j := range r {
		psi[j] = s.theta[j]
		for i := 1; i <= min(j, s.p); i++ {
			psi[j] += s.phi[i-1] * psi[j-i]
		}
	}
	gamma := make([]float64, r+1)
	right := func(k int) float64 {
		var sum float64
		for j := k; j <= s.q; j++ {
			sum += s.theta[j] * psi[j-k]
		}
		return s.sigma2 * sum
	}
	// γ[k] - Σ φ[j] γ[|k-j|] = right(k), for k = 0…p; beyond p it is a recursion.
	n := s.p + 1
	if n == 1 {
		gamma[0] = right(0)
	} else {
		left, b := mat.NewDense(n, n, nil), mat.NewVecDense(n, nil)
		for k := range n {
			left.Set(k, k, left.At(k, k)+1)
			for j := 1; j < n; j++ {
				at := k - j
				if at < 0 {
					at = -at
				}
				left.Set(k, at, left.At(k, at)-s.phi[j-1])
			}
			b.SetVec(k, right(k))
		}
		var x mat.VecDense
		if err := x.SolveVec(left, b); err != nil {
			// A large condition number is a warning; an infinite one is a failure.
			var c mat.Condition
			if !errors.As(err, &c) || math.IsInf(float64(c), 1) {
				return false
			}
		}
		for k := range n {
			gamma[k] = x.AtVec(k)
		}
	}
	for k := n; k <= r; k++ {
		gamma[k] = right(k)
		for j := 1; j <= s.p; j++ {
			gamma[k] += s.phi[j-1] * gamma[k-j]
		}
	}
	if !(gamma[0] > 0) || math.IsInf(gamma[0], 0) {
		return false
	}
	at := func(i, j int) *float64 { return &p[(s.first+i)*m+s.first+j] }
	*at(0, 0) = gamma[0]
	for j := 1; j < r; j++ {
		var sum float64
		for k := j; k < r; k++ {
			sum += s.phi[k]*gamma[k+1-j] + s.sigma2*s.theta[k]*psi[k-j]
		}
		*at(0, j), *at(j, 0) = sum, sum
	}
	for i := r - 1; i >= 1; i-- {
		for j := r - 1; j >= i; j-- {
			v := s.phi[i]*s.phi[j]*gamma[0] + s.sigma2*s.theta[i]*s.theta[j]
			if j+1 < r {
				v += s.phi[i]**at(0, j+1) + *at(i+1, j+1)
			}
			if i+1 < r {
				v += s.phi[j] * *at(i+1, 0)
			}
			*at(i, j), *at(j, i) = v, v
		}
	}
	// The mean solves a = T a + trend e, at the first trend.
	if c := s.intercept(0); c != 0 {
		sum := 1.0
		for _, f := range s.phi {
			sum -= f
		}
		mean := c / sum
		a[s.first] = mean
		for i := r - 1; i >= 1; i-- {
			a[s.first+i] = s.phi[i] * mean
			if i+1 < r {
				a[s.first+i] += a[s.first+i+1]
			}
		}
	}
	return true
}
