package arima

import (
	"context"
	"math"
	"testing"
)

// At given parameters everything but the optimiser is compared with statsmodels.
func TestApply(t *testing.T) {
	for _, k := range load(t).Cases {
		t.Run(k.name(), func(t *testing.T) {
			m, err := Apply(k.cfg, k.Fixed.Params, k.y, k.exog)
			if err != nil {
				t.Fatal(err)
			}
			f := k.Fixed
			if !near(m.LogLik, f.LLF, 1e-8, 1) {
				t.Errorf("log-likelihood %.10f, want %.10f (%.1e)", m.LogLik, f.LLF, math.Abs(m.LogLik/f.LLF-1))
			}
			compare(t, "criteria", []float64{m.AIC, m.BIC, m.HQIC}, []float64{f.AIC, f.BIC, f.HQIC}, 1e-8, 1)
			compare(t, "standard errors (opg)", m.StdErr, f.SEOPG, 1e-3, 1e-9)
			compare(t, "errors", m.Standardized[len(k.y)-5:], values(f.Errors), 1e-6, 1e-2)

			hessian := k.cfg
			hessian.Covariance = Hessian
			if m, err := Apply(hessian, k.Fixed.Params, k.y, k.exog); err != nil {
				t.Error(err)
			} else if len(m.Warnings) == 0 { // at the edge of the region the likelihood is no parabola
				compare(t, "standard errors (hessian)", m.StdErr, f.SEApprox, 2e-3, 1e-9)
			}

			forecast, err := m.Forecast(len(f.Forecast), k.exogNext, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			if k.cfg.Start != Differenced { // statsmodels forecasts the differences
				compare(t, "forecast", forecast.Mean, f.Forecast, 1e-6, 1e-3)
				compare(t, "interval", bounds(forecast), f.Interval, 1e-6, 1e-3)
			}

			if m.Missing == 0 { // statsmodels' tests take the errors of missing values for zeros
				for i, lags := range []int{5, 10} {
					box, err := m.LjungBox(lags)
					if err != nil {
						t.Fatal(err)
					}
					compare(t, "Ljung-Box", []float64{box.Statistic, box.P}, []float64{*f.LjungBox[i], *f.LjungBox[2+i]}, 1e-6, 1e-6)
				}
				normal, skewness, kurtosis := m.Normality()
				compare(t, "Jarque-Bera", []float64{normal.Statistic, normal.P, skewness, kurtosis}, values(f.JarqueBera), 1e-6, 1e-3)
				h := m.Heteroskedasticity()
				compare(t, "heteroskedasticity", []float64{h.Statistic, h.P}, values(f.Heteroskedasticity), 1e-6, 1e-3)
			}
		})
	}
}

func bounds(f *Forecast) []float64 {
	var out []float64
	for i := range f.Mean {
		out = append(out, f.Lower[i], f.Upper[i])
	}
	return out
}

func TestFit(t *testing.T) {
	for _, k := range load(t).Cases {
		t.Run(k.name(), func(t *testing.T) {
			m, err := Fit(context.Background(), k.cfg, k.y, k.exog)
			if err != nil {
				t.Fatal(err)
			}
			difference := (m.LogLik - k.Fit.LLF) / math.Abs(k.Fit.LLF)
			t.Logf("log-likelihood %.6f, statsmodels %.6f, difference %+.1e", m.LogLik, k.Fit.LLF, difference)
			if math.Abs(difference) > 1e-4 || !m.Converged {
				t.Errorf("log-likelihood %.6f, want %.6f (converged %v)\n%v\n%v", m.LogLik, k.Fit.LLF, m.Converged, m.Params, k.Fit.Params)
			}
			forecast, err := m.Forecast(len(k.Fit.Forecast), k.exogNext, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			if k.cfg.Start != Differenced {
				scale := forecast.StdErr[0] // a bound may lie near zero
				compare(t, "forecast", forecast.Mean, k.Fit.Forecast, 1e-3, scale)
				compare(t, "interval", bounds(forecast), k.Fit.Interval, 1e-3, scale)
			}
			for _, w := range m.Warnings {
				t.Log(w)
			}
		})
	}
}

func TestStart(t *testing.T) {
	for _, k := range load(t).Cases {
		t.Run(k.name(), func(t *testing.T) {
			l := newLayout(k.cfg, len(k.exog))
			var dx [][]float64
			for _, x := range k.exog {
				dx = append(dx, difference(k.cfg, x))
			}
			got, _, _ := startParams(l, difference(k.cfg, k.y), dx)
			compare(t, "start", got, k.Start, 1e-8, 1e-6)
			compare(t, "names", []float64{float64(len(l.names()))}, []float64{float64(len(k.Names))}, 0, 0)
			for i, n := range l.names() {
				if n != k.Names[i] {
					t.Errorf("name %q, want %q", n, k.Names[i])
				}
			}
		})
	}
}
