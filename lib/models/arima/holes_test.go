package arima

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

// spaced puts n holes after each value.
func spaced(y []float64, n int) []float64 {
	var out []float64
	for _, v := range y {
		out = append(out, v)
		for range n {
			out = append(out, math.NaN())
		}
	}
	return out
}

// With six holes after each value no two neighbours are there, and no difference.
func TestRegularHoles(t *testing.T) {
	nile := values(load(t).Series["nile"])[:40]
	// statsmodels 0.15.0: SARIMAX(y, order=(0, 1, 1), use_exact_diffuse=True).fit(method="nm", maxiter=5000), and the default start's.
	for _, c := range []struct {
		start     Start
		llf, mean float64
	}{{ExactDiffuse, -253.392322, 955.0751}, {ApproximateDiffuse, -252.468422, 955.0226}} {
		m, err := Fit(context.Background(), Config{Order: Order{0, 1, 1}, Start: c.start}, spaced(nile, 6), nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := m.Forecast(1, nil, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if !near(m.LogLik, c.llf, 1e-5, 1) || !near(f.Mean[0], c.mean, 1e-3, 1) || m.Missing != 240 {
			t.Errorf("%s: log-likelihood %.4f and forecast %.3f with %d missing, want %.4f, %.3f", c.start, m.LogLik, f.Mean[0], m.Missing, c.llf, c.mean)
		}
	}
	for _, c := range []Config{
		{Order: Order{1, 1, 1}}, {Order: Order{0, 2, 2}}, {Order: Order{1, 0, 0}, Trend: Constant}, {Order: Order{0, 1, 1}, Trend: Constant},
		{Order: Order{0, 1, 1}, Seasonal: Seasonal{0, 1, 1, 4}},
	} {
		for _, holes := range []int{1, 3, 11} {
			m, err := Fit(context.Background(), c, spaced(nile, holes), nil)
			if err != nil {
				t.Errorf("%s with %d holes after each value: %v", c, holes, err)
				continue
			}
			f, err := m.Forecast(5, nil, 0.95)
			if c.Seasonal.D > 0 {
				// Some seasons were never seen, and nothing may be said of them.
				if err == nil || !strings.Contains(err.Error(), "fall on the same seasons") {
					t.Errorf("%s with %d holes after each value forecasts %v, %v", c, holes, f, err)
				}
				continue
			}
			if err != nil || math.IsNaN(f.Mean[4]) || math.IsNaN(f.StdErr[4]) {
				t.Errorf("%s with %d holes after each value: %v, %v", c, holes, f, err)
			}
		}
	}
	// Over long holes the unknown part of a level, its slope and the seasons grows large against what rounding leaves of it: it is
	// fixed all the same once there were as many observations as unknown states.
	long := []float64{1}
	for i := range 40 {
		for range 31 {
			long = append(long, math.NaN())
		}
		long = append(long, nile[i]/100, nile[i]/200, nile[i]/300)
	}
	m, err := Apply(Config{Order: Order{0, 2, 1}, Seasonal: Seasonal{0, 1, 1, 7}}, []float64{-0.3, -0.4, 1}, long, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Forecast(1, nil, 0.95); err != nil {
		t.Errorf("after holes of 31: %v", err)
	}
	constant := make([]float64, 40)
	if _, err := Fit(context.Background(), Config{Order: Order{0, 1, 1}}, spaced(constant, 6), nil); !errors.Is(err, ErrConstant) {
		t.Errorf("a constant with holes gives %v", err)
	}
	// Neighbours that are equal, in a series that is not.
	var pairs []float64
	for _, v := range nile {
		pairs = append(pairs, v, v, math.NaN())
	}
	if _, err := Fit(context.Background(), Config{Order: Order{0, 1, 1}}, pairs, nil); err != nil {
		t.Errorf("pairs of equal values with a hole after each: %v", err)
	}
	_, err = Fit(context.Background(), Config{Order: Order{0, 1, 1}, Start: Differenced}, spaced(nile, 6), nil)
	if err == nil || !strings.Contains(err.Error(), "exact or approximate") {
		t.Errorf("differences of nothing but holes give %v", err)
	}
}
