package arima

import "fmt"

// Order is (p,d,q): autoregressive lags, differences, moving-average lags.
type Order struct{ P, D, Q int }

// Seasonal is (P,D,Q)s: the same at lags that are multiples of the period.
type Seasonal struct{ P, D, Q, Period int }

// Trend is a deterministic term, under statsmodels' letters. It stands on the right of the model's equation: with one
// difference, a constant is a drift of the level, and a linear trend bends it.
type Trend string

// The trends.
const (
	NoTrend        Trend = "n"
	Constant       Trend = "c"
	Linear         Trend = "t" // t = 1 at the first observation
	ConstantLinear Trend = "ct"
)

// terms is the number of the trend's coefficients.
func (t Trend) terms() int {
	switch t {
	case Constant, Linear:
		return 1
	case ConstantLinear:
		return 2
	}
	return 0
}

// at is the trend's value at a time, which is 1 at the first observation.
func (t Trend) at(coef []float64, time int) float64 {
	switch t {
	case Constant:
		return coef[0]
	case Linear:
		return coef[0] * float64(time)
	case ConstantLinear:
		return coef[0] + coef[1]*float64(time)
	}
	return 0
}

// Start says what is assumed of the level before the first observation, which differencing leaves unknown.
type Start string

// The starts.
const (
	// ExactDiffuse says nothing of the unknown states: their variance is infinite (Durbin & Koopman 5.2; use_exact_diffuse in
	// statsmodels). Scaling a series then scales its forecasts, for a model knows no unit.
	ExactDiffuse Start = "exact"
	// ApproximateDiffuse gives the unknown states variance 10⁶, in whatever unit the series has, and leaves the observations that
	// fix them out of the likelihood: statsmodels' default, with its fault. A series in units, not in thousands, gets another
	// model and other forecasts, for its level may then lie far outside of that variance.
	ApproximateDiffuse Start = "approximate"
	// Differenced takes the differences first and models those: simple_differencing in statsmodels. A missing value costs
	// each difference that it enters. Forecasts are of the level all the same.
	Differenced Start = "differenced"
)

// Covariance says how the covariance of the estimates is computed, hence the standard errors.
type Covariance string

// The covariances.
const (
	OPG     Covariance = "opg"     // inverse of the outer product of each observation's score: statsmodels' default
	Hessian Covariance = "hessian" // inverse of the observed information, by differences: cov_type "approx"
)

// Config is what a model is, before it sees data.
type Config struct {
	Order    Order    `json:"order"`
	Seasonal Seasonal `json:"seasonal"`
	Trend    Trend    `json:"trend"`
	Start    Start    `json:"start"`
	// AllowNonStationary lets the autoregressive polynomials leave the stationary region. All states then start diffuse, exactly
	// so but for ApproximateDiffuse, and as many observations leave the likelihood.
	AllowNonStationary bool `json:"allow_non_stationary"`
	// AllowNonInvertible lets the moving-average polynomials leave the invertible region.
	AllowNonInvertible bool       `json:"allow_non_invertible"`
	Covariance         Covariance `json:"covariance"`
}

// Default is an autoregression of order one with statsmodels' choices, but for the start: statsmodels' own depends on the series' unit.
// Its zero fields mean the same: a Config needs only its order.
func Default() Config {
	return Config{Order: Order{P: 1}, Trend: NoTrend, Start: ExactDiffuse, Covariance: OPG}
}

// Airline is ARIMA(0,1,1)(0,1,1)12, which Box and Jenkins fitted to the logarithm of airline passengers.
func Airline() Config {
	c := Default()
	c.Order, c.Seasonal = Order{0, 1, 1}, Seasonal{0, 1, 1, 12}
	return c
}

// filled is the config with zero fields made explicit.
func (c Config) filled() Config {
	if c.Trend == "" {
		c.Trend = NoTrend
	}
	if c.Start == "" {
		c.Start = ExactDiffuse
	}
	if c.Covariance == "" {
		c.Covariance = OPG
	}
	if c.Seasonal.P == 0 && c.Seasonal.D == 0 && c.Seasonal.Q == 0 {
		c.Seasonal.Period = 0
	}
	return c
}

// Validate says what is wrong with the config, if anything.
func (c Config) Validate() error {
	for _, f := range []struct {
		name  string
		value int
	}{
		{"Order.P", c.Order.P}, {"Order.D", c.Order.D}, {"Order.Q", c.Order.Q}, {"Seasonal.P", c.Seasonal.P},
		{"Seasonal.D", c.Seasonal.D}, {"Seasonal.Q", c.Seasonal.Q}, {"Seasonal.Period", c.Seasonal.Period},
	} {
		if f.value < 0 {
			return fmt.Errorf("arima: %s is %d: it must be 0 or more", f.name, f.value)
		}
	}
	s := c.Seasonal
	if s.P+s.D+s.Q > 0 && s.Period < 2 {
		return fmt.Errorf("arima: Seasonal.Period is %d: a seasonal part (%d,%d,%d) needs a period of 2 or more", s.Period, s.P, s.D, s.Q)
	}
	// A lag in both polynomials would have two coefficients, and no data could tell them apart.
	if s.P > 0 && c.Order.P >= s.Period {
		return fmt.Errorf("arima: Order.P is %d and Seasonal.P is %d with period %d: lag %d is in both; keep Order.P below the period",
			c.Order.P, s.P, s.Period, s.Period)
	}
	if s.Q > 0 && c.Order.Q >= s.Period {
		return fmt.Errorf("arima: Order.Q is %d and Seasonal.Q is %d with period %d: lag %d is in both; keep Order.Q below the period",
			c.Order.Q, s.Q, s.Period, s.Period)
	}
	switch c.Trend {
	case "", NoTrend, Constant, Linear, ConstantLinear:
	default:
		return fmt.Errorf("arima: Trend is %q: it must be n, c, t or ct", c.Trend)
	}
	switch c.Start {
	case "", ExactDiffuse, ApproximateDiffuse, Differenced:
	default:
		return fmt.Errorf("arima: Start is %q: it must be exact, approximate or differenced", c.Start)
	}
	switch c.Covariance {
	case "", OPG, Hessian:
	default:
		return fmt.Errorf("arima: Covariance is %q: it must be opg or hessian", c.Covariance)
	}
	return nil
}

// String writes the model as books do: ARIMA(0,1,1)(0,1,1)12.
func (c Config) String() string {
	c = c.filled()
	s := fmt.Sprintf("ARIMA(%d,%d,%d)", c.Order.P, c.Order.D, c.Order.Q)
	if c.Seasonal.Period > 0 {
		s += fmt.Sprintf("(%d,%d,%d)%d", c.Seasonal.P, c.Seasonal.D, c.Seasonal.Q, c.Seasonal.Period)
	}
	switch c.Trend {
	case Constant:
		s += " + constant"
	case Linear:
		s += " + trend"
	case ConstantLinear:
		s += " + constant + trend"
	}
	return s
}

// lost is the number of observations that differencing uses up.
func (c Config) lost() int { return c.Order.D + c.Seasonal.D*c.Seasonal.Period }
