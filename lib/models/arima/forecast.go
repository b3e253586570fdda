package arima

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Forecast is what a model expects after the last observation, with the interval that holds each future value with
// the given probability: if the model is right and its parameters are the true ones, for neither doubt is in it.
type Forecast struct {
	Mean, StdErr []float64
	Lower, Upper []float64
	Level        float64
}

// Forecast predicts the next steps. exog has the regressors' future values, one slice each, where the model has any; level is
// the interval's probability, 0.95 say.
func (m *Model) Forecast(steps int, exog [][]float64, level float64) (*Forecast, error) {
	if steps < 1 {
		return nil, fmt.Errorf("arima: a forecast of %d steps: it takes 1 or more", steps)
	}
	if !(level > 0 && level < 1) {
		return nil, fmt.Errorf("arima: an interval of probability %v: it must lie between 0 and 1", level)
	}
	if len(exog) != len(m.exog) {
		return nil, fmt.Errorf("arima: the forecast is given %d regressors, the model has %d", len(exog), len(m.exog))
	}
	for j, x := range exog {
		if len(x) < steps {
			return nil, fmt.Errorf("arima: regressor %d has %d future values, the forecast needs %d", j+1, len(x), steps)
		}
	}
	k, err := m.end()
	if err != nil {
		return nil, err
	}
	out := &Forecast{
		Mean: make([]float64, steps), StdErr: make([]float64, steps),
		Lower: make([]float64, steps), Upper: make([]float64, steps), Level: level,
	}
	z := distuv.UnitNormal.Quantile(0.5 + level/2)
	for h := range steps {
		k.observeAll(k.gain, k.p)
		mean, se := k.observe(k.a), math.Sqrt(k.observe(k.gain))
		for j, b := range k.beta {
			mean += b * exog[j][h]
		}
		out.Mean[h], out.StdErr[h] = mean, se
		out.Lower[h], out.Upper[h] = mean-z*se, mean+z*se
		k.apply(k.next, k.a)
		k.next[k.first] += k.intercept(len(k.y) + h)
		k.a, k.next = k.next, k.a
		k.propagate(k.pNext, k.p)
		k.noise(k.pNext)
		k.p, k.pNext = k.pNext, k.p
	}
	return out, nil
}

// end returns a filter in the state after the last observation, with the level's states in it.
func (m *Model) end() (*filter, error) {
	l := newLayout(m.Config, len(m.exog))
	if m.Start != Differenced || m.lost() == 0 {
		k := newFilter(l, m.y, m.exog)
		k.run(m.Params)
		if k.diffuse {
			return nil, fmt.Errorf("arima: %s: the observations don't fix the level of every season, which a forecast needs: they are too few, or the holes always fall on the same seasons; take a smaller period or fewer differences", m.Config)
		}
		return k, nil
	}
	// The stationary states come from the differenced series, the level's states are past values, which are known.
	dx := make([][]float64, len(m.exog))
	for j := range m.exog {
		dx[j] = difference(m.Config, m.exog[j])
	}
	small := newFilter(l, difference(m.Config, m.y), dx)
	small.run(m.Params)
	l.Start = ExactDiffuse
	k := newFilter(l, small.y, nil)
	k.set(m.Params)
	past := append([]float64(nil), m.y...)
	for j, b := range k.beta {
		for t := range past {
			past[t] -= b * m.exog[j][t]
		}
	}
	for t := len(past) - m.lost(); t < len(past); t++ {
		if math.IsNaN(past[t]) {
			return nil, fmt.Errorf("arima: observation %d is missing, and a forecast from a differenced start needs the last %d: use the approximate or exact start", t+1, m.lost())
		}
	}
	last := func(d, seasonal, back int) float64 {
		c := m.Config
		c.Order.D, c.Seasonal.D = d, seasonal
		w := difference(c, past)
		return w[len(w)-1-back]
	}
	for i := range k.d {
		k.a[i] = last(i, 0, 0)
	}
	for b := range k.blocks {
		for lag := range k.period {
			k.a[k.d+b*k.period+lag] = last(k.d, b, lag)
		}
	}
	for i := range k.r {
		k.a[k.first+i] = small.a[i]
		copy(k.p[(k.first+i)*k.m+k.first:(k.first+i+1)*k.m], small.p[i*small.m:(i+1)*small.m])
	}
	return k, nil
}
