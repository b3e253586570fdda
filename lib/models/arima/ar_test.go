package arima

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestAR(t *testing.T) {
	c := load(t)
	spots := values(c.Series["sunspots"])
	ols, err := LeastSquares(spots, 4)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "least squares", append([]float64{ols.Intercept}, ols.Coef...), c.AR.LeastSquares, 1e-9, 1e-9)
	compare(t, "its variance", []float64{ols.Sigma2}, []float64{c.AR.LeastSquaresSigma2}, 1e-9, 1)
	compare(t, "its standard errors", ols.StdErr, c.AR.LeastSquaresSE, 1e-8, 1e-9)
	next, err := ols.Forecast(spots, 12)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "its forecast", next, c.AR.LeastSquaresForecast, 1e-8, 1)

	yw, err := YuleWalker(spots, 4)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "Yule-Walker", yw.Coef, c.AR.YuleWalker, 1e-9, 1e-9)
	compare(t, "its variance", []float64{yw.Sigma2}, []float64{c.AR.YuleWalkerSigma2}, 1e-9, 1)
}

func TestACF(t *testing.T) {
	c := load(t)
	spots := values(c.Series["sunspots"])
	acf, err := ACF(spots, 20)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "acf", acf, c.AR.ACF, 1e-9, 1e-6)
	pacf, err := PACF(spots, 20)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "pacf", pacf, c.AR.PACF, 1e-9, 1e-6)
	box, err := LjungBox(spots, 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "Ljung-Box", []float64{box.Statistic, box.P}, c.AR.LjungBox, 1e-8, 1e-140)
}

func TestARErrors(t *testing.T) {
	hole := []float64{1, 2, math.NaN(), 4, 3, 5, 2, 1}
	for _, c := range []struct {
		name  string
		y     []float64
		order int
		want  string
	}{
		{"order", hole, 0, "order 0"},
		{"short", []float64{1, 2, 3}, 2, "needs at least"},
		{"missing", hole, 1, "observation 3 is NaN"},
	} {
		for name, fit := range map[string]func([]float64, int) (*AR, error){"least squares": LeastSquares, "Yule-Walker": YuleWalker} {
			if _, err := fit(c.y, c.order); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: error %v; want %q in it", c.name, name, err, c.want)
			}
		}
	}
	if _, err := YuleWalker(make([]float64, 20), 2); !errors.Is(err, ErrConstant) {
		t.Errorf("a constant series gives %v", err)
	}
	if _, err := ACF([]float64{2, 2, 2}, 1); !errors.Is(err, ErrConstant) {
		t.Errorf("the autocorrelation of a constant gives %v", err)
	}
	if _, err := ACF([]float64{1, 2, 3}, 3); err == nil {
		t.Error("as many lags as observations give no error")
	}
}

// An autoregression in other units is the same one.
func TestLeastSquaresUnits(t *testing.T) {
	y := values(load(t).Series["sunspots"])
	want, err := LeastSquares(y, 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, power := range []int{-12, 12} {
		got, err := LeastSquares(scaled(y, power), 4)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "coefficients", got.Coef, want.Coef, 1e-9, 0)
		compare(t, "standard errors", got.StdErr[1:], want.StdErr[1:], 1e-9, 0)
		compare(t, "intercept", scaled([]float64{got.Intercept, got.StdErr[0]}, -power), []float64{want.Intercept, want.StdErr[0]}, 1e-9, 0)
		compare(t, "variance", scaled([]float64{got.Sigma2}, -2*power), []float64{want.Sigma2}, 1e-9, 0)
	}
}
