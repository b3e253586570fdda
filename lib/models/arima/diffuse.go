package arima

import (
	"math"
	"slices"
)

// diffuseStep is step while some states still have infinite variance. The covariance is then P + κ P∞ with κ → ∞,
// and the filter keeps both parts (Durbin & Koopman 2012, 5.2, for one variable).
func (k *filter) diffuseStep(t int, y float64, missing bool) float64 {
	k.nDiffuse = t + 1
	m := k.m
	k.observeAll(k.gain, k.p)
	k.observeAll(k.infGain, k.inf)
	f, fInf := k.observe(k.gain), k.observe(k.infGain)
	if k.f != nil {
		k.v[t], k.f[t] = math.NaN(), math.NaN()
	}
	var ll float64
	if !missing {
		v := y - k.observe(k.a) - k.regression(t)
		if k.v != nil {
			k.v[t] = v
		}
		if fInf > diffuseZero {
			ll = -0.5 * math.Log(2*math.Pi*fInf)
			k.unknown--
			for i, gi := range k.infGain {
				k.a[i] += gi * v / fInf
				row, rowInf := k.p[i*m:(i+1)*m], k.inf[i*m:(i+1)*m]
				for j, gj := range k.infGain {
					row[j] += gi*gj*f/(fInf*fInf) - (k.gain[i]*gj+gi*k.gain[j])/fInf
					rowInf[j] -= gi * gj / fInf
				}
			}
		} else {
			if k.f != nil {
				k.f[t] = f
			}
			if !(f > 0) {
				return math.Inf(-1)
			}
			ll = -0.5 * (math.Log(2*math.Pi*f) + v*v/f)
			for i, g := range k.gain {
				k.a[i] += g * v / f
				for j, h := range k.gain {
					k.p[i*m+j] -= g * h / f
				}
			}
		}
	}
	k.propagate(k.pNext, k.p)
	k.noise(k.pNext)
	k.p, k.pNext = k.pNext, k.p
	k.propagate(k.work, k.inf)
	k.inf, k.work = k.work, k.inf
	// Each observation that fixes a direction takes one from P∞'s rank, whatever rounding leaves behind after long holes.
	k.diffuse = k.unknown > 0 && slices.ContainsFunc(k.inf, func(v float64) bool { return math.Abs(v) > diffuseZero })
	return ll
}
