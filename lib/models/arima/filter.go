package arima

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

const (
	diffuseVariance = 1e6   // of an unknown state under ApproximateDiffuse, as in statsmodels, whatever the series' unit is
	diffuseZero     = 1e-10 // below it, a diffuse variance counts as used up, as in statsmodels
	steady          = 1e-12 // change of P against F, below which the filter has reached its steady state
)

// filter runs the Kalman filter over one series (Durbin & Koopman 2012, 4.3). It holds its work space, so that a fit
// doesn't allocate for each of its evaluations; it serves one goroutine.
type filter struct {
	*system
	y    []float64   // NaN where missing; differenced already under Differenced
	exog [][]float64 // one slice a regressor, as long as y
	burn int         // observations left out of the likelihood

	a, next, gain    []float64
	p, pNext, work   []float64
	inf, infGain     []float64 // the diffuse part of P, but for ApproximateDiffuse
	diffuse          bool      // still in the diffuse phase
	nDiffuse, states int       // observations of the diffuse phase; diffuse states at the start
	unknown          int       // of them, those that no observation has fixed yet
	isSteady         bool
	steadyF, lastF   float64 // F of the steady state; F one step ago

	each []float64 // where set: each observation's log-likelihood, 0 where it has none
	v, f []float64 // where set: one-step errors and their variances, NaN where missing (error) or diffuse (both)
}

func newFilter(l layout, y []float64, exog [][]float64) *filter {
	k := &filter{system: newSystem(l), y: y, exog: exog}
	if l.Start == ApproximateDiffuse {
		k.burn = k.first
		if l.AllowNonStationary {
			k.burn = k.m
		}
	}
	k.a, k.next, k.gain = make([]float64, k.m), make([]float64, k.m), make([]float64, k.m)
	k.p, k.pNext, k.work = make([]float64, k.m*k.m), make([]float64, k.m*k.m), make([]float64, k.m*k.m)
	if l.Start != ApproximateDiffuse {
		k.inf, k.infGain = make([]float64, k.m*k.m), make([]float64, k.m)
	}
	return k
}

// record makes the filter keep its errors and variances.
func (k *filter) record() {
	k.v, k.f = make([]float64, len(k.y)), make([]float64, len(k.y))
}

// run returns the log-likelihood of the series under the parameters, -Inf where they have none. It leaves the state
// predicted for the time after the last.
func (k *filter) run(params []float64) float64 {
	k.set(params)
	if !(k.sigma2 > 0) || !k.begin() {
		return math.Inf(-1)
	}
	var total float64
	for t, y := range k.y {
		ll := k.step(t, y)
		if t < k.burn {
			ll = 0
		}
		if k.each != nil {
			k.each[t] = ll
		}
		total += ll
	}
	if math.IsNaN(total) || math.IsInf(total, 1) {
		return math.Inf(-1)
	}
	return total
}

// begin sets the state before the first observation.
func (k *filter) begin() bool {
	clear(k.a)
	clear(k.p)
	clear(k.inf)
	k.isSteady, k.diffuse, k.nDiffuse, k.lastF = false, false, 0, 0
	unknown := k.first
	if k.AllowNonStationary {
		unknown = k.m
	} else if !k.stationary(k.a, k.p) {
		return false
	}
	for i := range unknown {
		if k.Start == ApproximateDiffuse {
			k.p[i*k.m+i] = k.layout.diffuse
		} else {
			k.inf[i*k.m+i] = 1
			k.diffuse = true
		}
	}
	k.states = 0
	if k.diffuse {
		k.states = unknown
	}
	k.unknown = k.states
	return true
}

// regression is β·x at t.
func (k *filter) regression(t int) float64 {
	var sum float64
	for j, b := range k.beta {
		sum += b * k.exog[j][t]
	}
	return sum
}

// step takes the observation at t into the state, predicts the next state, and returns the log-likelihood that
// the observation adds.
func (k *filter) step(t int, y float64) float64 {
	missing := math.IsNaN(y)
	if missing {
		k.isSteady = false
	}
	var ll float64
	if k.diffuse {
		ll = k.diffuseStep(t, y, missing)
	} else {
		ll = k.plainStep(t, y, missing)
	}
	k.apply(k.next, k.a)
	k.next[k.first] += k.intercept(t)
	k.a, k.next = k.next, k.a
	return ll
}

func (k *filter) plainStep(t int, y float64, missing bool) float64 {
	m := k.m
	f := k.steadyF
	if !k.isSteady {
		k.observeAll(k.gain, k.p)
		f = k.observe(k.gain)
	}
	if k.f != nil {
		k.v[t], k.f[t] = math.NaN(), f
	}
	var ll float64
	if !missing {
		v := y - k.observe(k.a) - k.regression(t)
		if k.v != nil {
			k.v[t] = v
		}
		if !(f > 0) {
			return math.Inf(-1)
		}
		ll = -0.5 * (math.Log(2*math.Pi*f) + v*v/f)
		floats.AddScaled(k.a, v/f, k.gain)
	}
	if k.isSteady {
		return ll
	}
	if !missing {
		// P - P Z' F⁻¹ Z P, into the work space of the next one, since P is needed to see whether it still changes.
		for i, g := range k.gain {
			floats.AddScaledTo(k.pNext[i*m:(i+1)*m], k.p[i*m:(i+1)*m], -g/f, k.gain)
		}
		k.propagate(k.work, k.pNext)
		k.noise(k.work)
		// A variance of y that still moves spares looking at the whole of P.
		still := math.Abs(f-k.lastF) <= steady*f
		k.lastF = f
		if still && settled(k.p, k.work, steady*f) {
			k.isSteady, k.steadyF = true, f
		}
		k.p, k.work = k.work, k.p
		return ll
	}
	k.propagate(k.pNext, k.p)
	k.noise(k.pNext)
	k.p, k.pNext = k.pNext, k.p
	return ll
}

// settled says whether no element moved by more than the tolerance.
func settled(old, now []float64, tolerance float64) bool {
	for i, v := range now {
		if math.Abs(v-old[i]) > tolerance {
			return false
		}
	}
	return true
}
