package arima

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// cases are statsmodels' answers; testdata/make.py makes them.
type cases struct {
	Versions map[string]string
	Series   map[string][]*float64
	Cases    []*testCase
	Search   map[string]float64
	AR       struct {
		YuleWalker           []float64 `json:"yule_walker"`
		YuleWalkerSigma2     float64   `json:"yule_walker_sigma2"`
		LeastSquares         []float64 `json:"least_squares"`
		LeastSquaresSigma2   float64   `json:"least_squares_sigma2"`
		LeastSquaresSE       []float64 `json:"least_squares_se"`
		LeastSquaresForecast []float64 `json:"least_squares_forecast"`
		ACF, PACF            []float64
		LjungBox             []float64 `json:"ljung_box"`
	}
}

type testCase struct {
	Series             string
	Order              [3]int
	SeasonalOrder      [4]int `json:"seasonal_order"`
	Trend              Trend
	Exog               []string
	UseExactDiffuse    bool  `json:"use_exact_diffuse"`
	SimpleDifferencing bool  `json:"simple_differencing"`
	EnforceStationary  *bool `json:"enforce_stationarity"`
	EnforceInvertible  *bool `json:"enforce_invertibility"`
	Names              []string
	Start              []float64
	Fixed              struct {
		Params             []float64
		LLF                float64
		LLFStart           float64 `json:"llf_start"`
		AIC, BIC, HQIC     float64
		SEOPG              []float64  `json:"se_opg"`
		SEApprox           []float64  `json:"se_approx"`
		Errors             []*float64 // the last standardized ones
		LjungBox           []*float64 `json:"ljung_box"`
		JarqueBera         []*float64 `json:"jarque_bera"`
		Heteroskedasticity []*float64
		Forecast, Interval []float64
	}
	Fit struct {
		Params             []float64
		LLF                float64
		Forecast, Interval []float64
	}

	cfg            Config
	y              []float64
	exog, exogNext [][]float64
}

func number(p *float64) float64 {
	if p == nil {
		return math.NaN()
	}
	return *p
}

func values(p []*float64) []float64 {
	out := make([]float64, len(p))
	for i := range p {
		out[i] = number(p[i])
	}
	return out
}

func load(t testing.TB) *cases {
	t.Helper()
	text, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var c cases
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	for _, k := range c.Cases {
		k.cfg = Config{Order: Order{k.Order[0], k.Order[1], k.Order[2]}, Trend: k.Trend, Start: ApproximateDiffuse}
		k.cfg.Seasonal = Seasonal{k.SeasonalOrder[0], k.SeasonalOrder[1], k.SeasonalOrder[2], k.SeasonalOrder[3]}
		if k.UseExactDiffuse {
			k.cfg.Start = ExactDiffuse
		}
		if k.SimpleDifferencing {
			k.cfg.Start = Differenced
		}
		k.cfg.AllowNonStationary = k.EnforceStationary != nil && !*k.EnforceStationary
		k.cfg.AllowNonInvertible = k.EnforceInvertible != nil && !*k.EnforceInvertible
		k.cfg = k.cfg.filled()
		k.y = values(c.Series[k.Series])
		for _, name := range k.Exog {
			k.exog = append(k.exog, values(c.Series[name]))
			next := make([]float64, len(k.Fixed.Forecast))
			for i := range next {
				next[i] = 1
			}
			k.exogNext = append(k.exogNext, next)
		}
	}
	return &c
}

func (k *testCase) name() string {
	s := k.Series + " " + k.cfg.String()
	if len(k.exog) > 0 {
		s += " + dam"
	}
	if k.cfg.Start != ApproximateDiffuse {
		s += " " + string(k.cfg.Start)
	}
	if k.cfg.AllowNonStationary {
		s += " unconstrained"
	}
	return s
}

// close says whether two numbers agree to a relative tolerance, with a floor under small ones.
func near(got, want, tolerance, floor float64) bool {
	return math.Abs(got-want) <= tolerance*max(math.Abs(want), floor)
}

func compare(t *testing.T, what string, got, want []float64, tolerance, floor float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if math.IsNaN(want[i]) && math.IsNaN(got[i]) {
			continue
		}
		if !near(got[i], want[i], tolerance, floor) {
			t.Errorf("%s[%d] is %v, want %v", what, i, got[i], want[i])
		}
	}
}
