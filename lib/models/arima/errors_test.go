package arima

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func walk(n int, step func(r *rand.Rand, before float64) float64) []float64 {
	r := rand.New(rand.NewPCG(1, 2))
	y := make([]float64, n)
	for t := 1; t < n; t++ {
		y[t] = step(r, y[t-1])
	}
	return y
}

func noise(n int) []float64 {
	return walk(n, func(r *rand.Rand, _ float64) float64 { return r.NormFloat64() })
}

func TestErrors(t *testing.T) {
	line := make([]float64, 50)
	for i := range line {
		line[i] = 3 + 2*float64(i)
	}
	inf := noise(50)
	inf[4] = math.Inf(1)
	for _, c := range []struct {
		name string
		cfg  Config
		y    []float64
		exog [][]float64
		want string
	}{
		{"constant", Config{Order: Order{1, 0, 0}}, make([]float64, 50), nil, "constant"},
		{"line with drift", Config{Order: Order{0, 1, 1}, Trend: Constant}, line, nil, "after differencing"},
		{"short", Config{Order: Order{2, 1, 2}}, []float64{1, 2, 4}, nil, "at least 7 observations, the series has 3"},
		{"seasonally short", Config{Seasonal: Seasonal{1, 1, 0, 12}}, noise(10), nil, "loses 12 observations"},
		{"all missing", Config{Order: Order{1, 0, 0}}, []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}, nil, "has 0"},
		{"infinite", Config{Order: Order{1, 0, 0}}, inf, nil, "observation 5 is +Inf"},
		{"regressor's length", Config{Order: Order{1, 0, 0}}, noise(50), [][]float64{noise(49)}, "regressor 1 has 49 values"},
		{"regressor missing", Config{Order: Order{1, 0, 0}}, noise(3), [][]float64{{1, 2, math.NaN()}}, "only the series itself"},
		{"negative", Config{Order: Order{-1, 0, 0}}, noise(50), nil, "Order.P is -1"},
		{"no period", Config{Seasonal: Seasonal{P: 1}}, noise(50), nil, "Seasonal.Period is 0"},
		{"lag twice", Config{Order: Order{12, 0, 0}, Seasonal: Seasonal{1, 0, 0, 12}}, noise(50), nil, "lag 12 is in both"},
		{"trend", Config{Trend: "x"}, noise(50), nil, `Trend is "x"`},
		{"start", Config{Start: "x"}, noise(50), nil, `Start is "x"`},
		{"covariance", Config{Covariance: "x"}, noise(50), nil, `Covariance is "x"`},
	} {
		_, err := Fit(context.Background(), c.cfg, c.y, c.exog)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; want %q in it", c.name, err, c.want)
		}
	}
	if _, err := Fit(context.Background(), Config{Order: Order{1, 0, 0}}, make([]float64, 50), nil); !errors.Is(err, ErrConstant) {
		t.Errorf("a constant series gives %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Fit(ctx, Config{Order: Order{1, 0, 1}}, noise(100), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled fit gives %v", err)
	}
	if _, err := Apply(Config{Order: Order{1, 0, 0}}, []float64{1.2, 1}, noise(50), nil); err == nil || !strings.Contains(err.Error(), "no likelihood") {
		t.Errorf("an explosive autoregression gives %v", err)
	}
	if _, err := Apply(Config{Order: Order{1, 0, 0}}, []float64{0.5}, noise(50), nil); err == nil || !strings.Contains(err.Error(), "has 2") {
		t.Errorf("too few parameters give %v", err)
	}
}

func TestWarnings(t *testing.T) {
	// White noise differenced once too often has its moving average on the unit circle.
	m, err := Fit(context.Background(), Config{Order: Order{0, 1, 1}}, noise(200), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(m.Warnings, "\n"), "moving average is at the edge of the invertible region") {
		t.Errorf("over-differencing gives the warnings %q", m.Warnings)
	}
	// An explosive series makes the least-squares start explosive: statsmodels warns of the same.
	boom := walk(60, func(r *rand.Rand, before float64) float64 { return 1.1*before + r.NormFloat64() })
	m, err = Fit(context.Background(), Config{Order: Order{1, 0, 0}}, boom, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(m.Warnings, "\n"), "starting autoregression of the ordinary part is not stationary") {
		t.Errorf("an explosive series gives the warnings %q", m.Warnings)
	}
	// Unconstrained, the fit finds the root inside the circle, and says so.
	m, err = Fit(context.Background(), Config{Order: Order{1, 0, 0}, AllowNonStationary: true}, boom, nil)
	if err != nil {
		t.Fatal(err)
	}
	if phi, _ := m.Param("ar.L1"); math.Abs(phi-1.1) > 0.01 || !strings.Contains(strings.Join(m.Warnings, "\n"), "autoregression is not stationary") {
		t.Errorf("unconstrained, φ is %v with the warnings %q", phi, m.Warnings)
	}
}

func TestForecastErrors(t *testing.T) {
	y := noise(60)
	m, err := Apply(Config{Order: Order{1, 0, 0}}, []float64{2, 0.5, 1}, y, [][]float64{noise(60)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		steps int
		exog  [][]float64
		level float64
		want  string
	}{
		{0, [][]float64{{1}}, 0.95, "0 steps"},
		{1, nil, 0.95, "given 0 regressors, the model has 1"},
		{2, [][]float64{{1}}, 0.95, "1 future values, the forecast needs 2"},
		{1, [][]float64{{1}}, 95, "probability 95"},
	} {
		if _, err := m.Forecast(c.steps, c.exog, c.level); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v; want %q in it", err, c.want)
		}
	}
}

// After a differenced start the forecast is of the level, and the same as after an exact diffuse one, which
// knows no more: under regressors, two kinds of differences and a missing value too.
func TestDifferencedForecast(t *testing.T) {
	c := load(t)
	y := append([]float64(nil), values(c.Series["log passengers"])...)
	x := make([]float64, len(y))
	for i := range x {
		x[i] = math.Sin(float64(i * i))
	}
	for _, d := range []Order{{0, 1, 1}, {0, 2, 1}} {
		for _, sd := range []int{0, 1, 2} {
			cfg := Config{Order: d, Seasonal: Seasonal{0, sd, 1, 12}, Trend: Constant, Start: ExactDiffuse}
			params := []float64{0.001, 0.02, -0.4, -0.5, 0.0013}
			exact, err := Apply(cfg, params, y, [][]float64{x})
			if err != nil {
				t.Fatal(err)
			}
			cfg.Start = Differenced
			differenced, err := Apply(cfg, params, y, [][]float64{x})
			if err != nil {
				t.Fatal(err)
			}
			next := [][]float64{x[:30]}
			want, err := exact.Forecast(30, next, 0.9)
			if err != nil {
				t.Fatal(err)
			}
			got, err := differenced.Forecast(30, next, 0.9)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "forecast", got.Mean, want.Mean, 1e-6, 1)
			compare(t, "interval", bounds(got), bounds(want), 1e-6, 1)
		}
	}
	y[len(y)-3] = math.NaN()
	m, err := Apply(Config{Order: Order{0, 1, 1}, Seasonal: Seasonal{0, 1, 1, 12}, Start: Differenced}, []float64{-0.4, -0.5, 0.0013}, y, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Forecast(1, nil, 0.9); err == nil || !strings.Contains(err.Error(), "observation 142 is missing") {
		t.Errorf("a missing value near the end gives %v", err)
	}
}

// A gap of a third of the series leaves nothing to compare the variance with.
func TestSummaryWithAGap(t *testing.T) {
	y := make([]float64, 60)
	for i := range y {
		y[i] = math.Sin(float64(i*i)) + float64(i%3)
		if i >= 40 {
			y[i] = math.NaN()
		}
	}
	m, err := Fit(context.Background(), Config{Order: Order{P: 1}}, y, nil)
	if err != nil {
		t.Fatal(err)
	}
	if h := m.Heteroskedasticity(); !math.IsNaN(h.P) || strings.Contains(m.Summary(), "variance, last third") {
		t.Errorf("test %v, summary %s", h, m.Summary())
	}
}
