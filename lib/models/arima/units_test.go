package arima

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

var powers = []int{-12, -7, 3, 12}

func scaled(y []float64, power int) []float64 {
	out := slices.Clone(y)
	for i := range out {
		out[i] *= math.Pow10(power)
	}
	return out
}

// same says that the forecasts of a scaled series are the scaled ones, to a millionth of the forecast.
func same(t *testing.T, what string, got, want *Forecast, power int) {
	t.Helper()
	factor := math.Pow10(power)
	worst := 0.0
	for _, x := range [][2][]float64{{got.Mean, want.Mean}, {got.Lower, want.Lower}, {got.Upper, want.Upper}, {got.StdErr, want.StdErr}} {
		for i, v := range x[1] {
			worst = max(worst, math.Abs(x[0][i]/factor-v)/max(math.Abs(v), 1e-3*want.StdErr[i])) // a bound may lie next to zero
		}
	}
	if !(worst <= 1e-6) {
		t.Errorf("%s, scaled by 10^%d: forecasts differ by %.1e", what, power, worst)
	}
}

// A model knows no unit: every model of docs/arima.md, of the same series in other units.
func TestUnits(t *testing.T) {
	for _, k := range load(t).Cases {
		if k.cfg.Start == ApproximateDiffuse { // statsmodels' default, which knows one
			k.cfg.Start = ExactDiffuse
		}
		t.Run(k.name(), func(t *testing.T) {
			fit := func(y []float64, exog [][]float64) (*Model, *Forecast) {
				m, err := Fit(context.Background(), k.cfg, y, exog)
				if err != nil {
					t.Fatal(err)
				}
				next := exog
				if exog != nil {
					next = [][]float64{exog[0][len(y)-24:]}
				}
				f, err := m.Forecast(24, next, 0.95)
				if err != nil {
					t.Fatal(err)
				}
				return m, f
			}
			m, want := fit(k.y, k.exog)
			for _, power := range powers {
				var exog [][]float64
				for _, x := range k.exog {
					exog = append(exog, scaled(x, -power))
				}
				n, got := fit(scaled(k.y, power), exog)
				same(t, k.name(), got, want, power)
				if fmt.Sprint(n.Warnings) != fmt.Sprint(m.Warnings) {
					t.Errorf("scaled by 10^%d: the warnings %q, not %q", power, n.Warnings, m.Warnings)
				}
				for i, se := range m.StdErr {
					if z, want := n.Params[i]/n.StdErr[i], m.Params[i]/se; !near(z, want, 1e-3, 1e-3) {
						t.Errorf("scaled by 10^%d: %s over its standard error is %v, not %v", power, m.Names[i], z, want)
					}
				}
			}
		})
	}
}

// seasons are five years of months: a walk with a swing.
func seasons(seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 2))
	y, level := make([]float64, 60), 100.0
	for i := range y {
		level += r.NormFloat64()
		// Of so few digits that a large level can be added without loss.
		y[i] = math.Round((level+5*math.Sin(float64(i)*math.Pi/6)+r.NormFloat64())*(1<<20)) / (1 << 20)
	}
	return y
}

// Orders that fit badly have several summits, or one at the edge: which one is found may not depend on the unit. Nor may what a search
// prefers, nor, where levels are differenced, what is added to a logarithm by another unit.
func TestUnitsOfBadFits(t *testing.T) {
	fit := func(c Config, y []float64) *Forecast {
		m, err := Fit(context.Background(), c, y, nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := m.Forecast(12, nil, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	y := seasons(3)
	for _, c := range []Config{
		{Order: Order{2, 1, 2}}, {Order: Order{0, 2, 1}}, {Order: Order{2, 0, 1}, Trend: Constant}, {Order: Order{2, 0, 0}},
		{Order: Order{2, 1, 1}, Seasonal: Seasonal{1, 1, 1, 12}}, {Order: Order{1, 1, 0}, Trend: ConstantLinear},
		{Order: Order{2, 0, 1}, AllowNonStationary: true, AllowNonInvertible: true},
		{Order: Order{2, 0, 1}, AllowNonStationary: true, Start: Differenced},
	} {
		want := fit(c, y)
		for _, power := range powers {
			same(t, c.String(), fit(c, scaled(y, power)), want, power)
		}
		if c.lost() == 0 {
			continue
		}
		for _, by := range []float64{3 * math.Ln10, 1 << 32} {
			raised := slices.Clone(y)
			for i := range raised {
				raised[i] += by
			}
			for i, v := range fit(c, raised).Upper {
				if !near(v-by, want.Upper[i], 1e-6, 0) {
					t.Errorf("%s: raised by %g, bound %d is %v, not %v", c, by, i, v-by, want.Upper[i])
				}
			}
		}
	}

	search := func(power int) []string {
		models, err := Select(context.Background(), Search{
			Config: Config{Order: Order{D: 1}, Seasonal: Seasonal{D: 1, Period: 12}}, MaxP: 1, MaxQ: 1, MaxSeasonalP: 1, MaxSeasonalQ: 1,
		}, scaled(y, power), nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, m := range models {
			names = append(names, m.String())
		}
		return names
	}
	want := search(0)
	for _, power := range []int{-12, 3, 12} {
		if got := search(power); !slices.Equal(got, want) {
			t.Errorf("scaled by 10^%d, a search has the order %v, not %v", power, got, want)
		}
	}
}
