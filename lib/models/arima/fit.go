package arima

import (
	"context"
	"errors"
	"fmt"
	"math"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// Model is a config with parameters, and what they say of one series.
type Model struct {
	Config
	Names  []string  // statsmodels' names: intercept, x1, ar.L1, ma.S.L12, sigma2, …
	Params []float64 // in the order of Names
	StdErr []float64 // of the parameters, after Covariance; NaN where the data don't determine them
	Cov    *mat.Dense

	LogLik         float64
	AIC, BIC, HQIC float64
	Observations   int // missing ones included; after differencing, under Differenced
	Effective      int // those that the likelihood counts
	Missing        int

	// Residuals are the one-step errors y[t] - ŷ[t], NaN where y is missing and at the start, while the level is unknown.
	Residuals []float64
	// Standardized are the residuals over their standard deviations: white noise of variance one, if the model holds.
	Standardized []float64
	// Warnings say what is doubtful about the fit, in words.
	Warnings  []string
	Converged bool

	y    []float64
	exog [][]float64
}

// Fit finds the parameters that make the series most likely. y has NaN where an observation is missing; exog has one
// slice a regressor, as long as y, or is nil.
func Fit(ctx context.Context, cfg Config, y []float64, exog [][]float64) (*Model, error) {
	cfg = cfg.filled()
	l := newLayout(cfg, len(exog))
	if err := check(l, y, exog); err != nil {
		return nil, err
	}
	u := newUnits(cfg, y, exog)
	ys, xs := u.series(cfg, y), allIn(u.exog, exog)
	start, white, warnings := startParams(l, steps(cfg, ys, ys), stepsOf(cfg, ys, xs))
	best, converged, err := maximize(ctx, likelihood(u.layout(l), ys, xs), start, white)
	if err != nil {
		return nil, fmt.Errorf("fitting %s: %w", cfg, err)
	}
	for i, unit := range u.params(l) {
		best[i] *= unit
	}
	m, err := Apply(cfg, best, y, exog)
	if err != nil {
		return nil, fmt.Errorf("fitting %s: %w", cfg, err)
	}
	m.Converged = converged
	if !converged {
		warnings = append(warnings, "the likelihood's maximum was not reached: the optimiser stopped before its gradient vanished")
	}
	m.Warnings = append(warnings, m.Warnings...)
	return m, nil
}

// Apply gives a model parameters without fitting: to look at a likelihood, or to go on with new data under old parameters.
func Apply(cfg Config, params []float64, y []float64, exog [][]float64) (*Model, error) {
	cfg = cfg.filled()
	l := newLayout(cfg, len(exog))
	if err := check(l, y, exog); err != nil {
		return nil, err
	}
	if len(params) != l.size() {
		return nil, fmt.Errorf("arima: %d parameters given, %s has %d: %v", len(params), cfg, l.size(), l.names())
	}
	m := &Model{Config: cfg, Names: l.names(), Params: params, Converged: true, y: y, exog: exog}
	m.Missing = len(y) - seen(y)
	k := likelihood(l, y, exog)
	k.record()
	m.LogLik = k.run(params)
	if math.IsInf(m.LogLik, -1) {
		return nil, fmt.Errorf("arima: %s has no likelihood at the parameters %v: the variance must be positive and the autoregression stationary", cfg, params)
	}
	m.Observations = len(k.y)
	m.Effective = len(k.y) - k.burn
	count, n := float64(len(params)+k.states), float64(m.Effective)
	m.AIC = -2*m.LogLik + 2*count
	m.BIC = -2*m.LogLik + math.Log(n)*count
	m.HQIC = -2*m.LogLik + 2*math.Log(math.Log(n))*count

	m.Residuals, m.Standardized = make([]float64, len(y)), make([]float64, len(y))
	offset := len(y) - len(k.y)
	known := offset + max(k.burn, k.nDiffuse)
	for t := range y {
		m.Residuals[t], m.Standardized[t] = math.NaN(), math.NaN()
		if t >= known {
			m.Residuals[t] = k.v[t-offset]
			m.Standardized[t] = k.v[t-offset] / math.Sqrt(k.f[t-offset])
		}
	}
	m.covariance(newUnits(cfg, y, exog))
	m.Warnings = append(m.Warnings, boundary(l, params)...)
	return m, nil
}

// likelihood is the filter that runs over the series, or over its differences where those are modelled.
func likelihood(l layout, y []float64, exog [][]float64) *filter {
	if l.Start != Differenced {
		return newFilter(l, y, exog)
	}
	dx := make([][]float64, len(exog))
	for j := range exog {
		dx[j] = difference(l.Config, exog[j])
	}
	return newFilter(l, difference(l.Config, y), dx)
}

// Param returns a parameter by name.
func (m *Model) Param(name string) (float64, error) {
	for i, n := range m.Names {
		if n == name {
			return m.Params[i], nil
		}
	}
	return 0, fmt.Errorf("arima: no parameter %q; there are %v", name, m.Names)
}

// ErrConstant is the error of a series with nothing random in it.
var ErrConstant = errors.New("the series is constant")

// check says what is wrong with the data, if anything.
func check(l layout, y []float64, exog [][]float64) error {
	if err := l.Validate(); err != nil {
		return err
	}
	for t, v := range y {
		if math.IsInf(v, 0) {
			return fmt.Errorf("arima: observation %d is %v: values must be finite, or NaN where missing", t+1, v)
		}
	}
	for j, x := range exog {
		if len(x) != len(y) {
			return fmt.Errorf("arima: regressor %d has %d values, the series %d: they must be equally long", j+1, len(x), len(y))
		}
		for t, v := range x {
			if math.IsInf(v, 0) || math.IsNaN(v) {
				return fmt.Errorf("arima: regressor %d is %v at observation %d: only the series itself may have missing values", j+1, v, t+1)
			}
		}
	}
	if need := l.lost() + l.size() + 1; seen(y) < need {
		return fmt.Errorf("arima: %s has %d parameters and loses %d observations to differencing: it needs at least %d observations, the series has %d",
			l.Config, l.size(), l.lost(), need, seen(y))
	}
	dy := difference(l.Config, y)
	if left := seen(dy); l.Start == Differenced && left < l.size()+1 {
		return fmt.Errorf("arima: %s has %d parameters, and the missing values leave %d differences of neighbours: Start is %q, it must be exact or approximate here",
			l.Config, l.size(), left, l.Start)
	}
	// Holes may leave no differences, or none but zeros, of a series that varies: then its observed values must be all equal too.
	centered := l.Trend == Constant || l.Trend == ConstantLinear || l.lost() == 0
	left, level := spread(dy, centered)
	if left <= 1e-12*level && seen(y) < len(y) {
		left, level = spread(difference(l.Config, observed(y)), centered)
	}
	if left <= 1e-12*level {
		what := "there is nothing random to model"
		if l.lost() > 0 {
			what = fmt.Sprintf("after differencing (%d, and %d with lag %d) %s", l.Order.D, l.Seasonal.D, l.Seasonal.Period, what)
		}
		return fmt.Errorf("arima: %w: %s", ErrConstant, what)
	}
	return nil
}

// spread returns the largest distance of a value from the first (from zero, when not centered), and the largest value.
func spread(y []float64, centered bool) (left, level float64) {
	origin := math.NaN()
	if !centered {
		origin = 0
	}
	for _, v := range y {
		if math.IsNaN(v) {
			continue
		}
		if math.IsNaN(origin) {
			origin = v
		}
		left, level = max(left, math.Abs(v-origin)), max(level, math.Abs(v))
	}
	return left, level
}

// difference applies (1-B)ᵈ (1-Bˢ)ᴰ.
func difference(cfg Config, y []float64) []float64 {
	out := append([]float64(nil), y...)
	lag := func(n int) {
		for t := len(out) - 1; t >= n; t-- {
			out[t] -= out[t-n]
		}
		out = out[min(n, len(out)):]
	}
	for range cfg.Order.D {
		lag(1)
	}
	for range cfg.Seasonal.D {
		lag(cfg.Seasonal.Period)
	}
	return out
}

// maximize climbs from each of the starts and returns the highest summit. Most often all paths lead to the same one,
// so all but the first are followed only to see where they go.
func maximize(ctx context.Context, k *filter, starts ...[]float64) (best []float64, converged bool, err error) {
	const fine, coarse = 5e-4, 0.1 // gradients, per standard error
	summits := make([]summit, len(starts))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, from := range starts {
		group.Go(func() (err error) {
			small := fine
			if i > 0 {
				small = coarse
			}
			summits[i], err = climb(groupCtx, newFilter(k.layout, k.y, k.exog), from, small)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, false, err
	}
	top := summits[0]
	for _, s := range summits[1:] {
		if s.logLik > top.logLik+coarse/2 {
			if top, err = climb(ctx, k, s.params, fine); err != nil {
				return nil, false, err
			}
		}
	}
	if math.IsInf(top.logLik, -1) {
		return nil, false, errors.New("no starting values have a likelihood")
	}
	return top.params, top.converged, nil
}

// summit is where a climb ended.
type summit struct {
	params    []float64
	logLik    float64
	converged bool
}

// climb runs BFGS on the log-likelihood over the unconstrained parameters. Their scales differ by orders of magnitude and
// some go together (a constant and an autoregression), so each round works in coordinates that make the outer product
// of the scores at its start the identity. It stops where the gradient in them is small.
func climb(ctx context.Context, k *filter, from []float64, small float64) (summit, error) {
	const rounds = 6
	size := len(from)
	x := make([]float64, size)
	k.free(x, from)
	params := make([]float64, size)
	at := func(free []float64) float64 {
		k.constrain(params, free)
		return k.run(params)
	}
	top, ok := at(x), false
	if math.IsInf(top, -1) {
		return summit{params, top, false}, nil
	}
	move, free := make([]float64, size), make([]float64, size)
	for range rounds {
		toX := whitener(scores(k, x, at))
		objective := func(z []float64) float64 {
			mulVec(move, toX, z)
			for i := range free {
				free[i] = x[i] + move[i]
			}
			ll := at(free)
			if math.IsInf(ll, -1) {
				return 1e10 // finite, so that a line search turns back
			}
			return -ll
		}
		result, runErr := optimize.Minimize(optimize.Problem{
			Func:   objective,
			Grad:   func(grad, z []float64) { central(grad, z, objective) },
			Status: func() (optimize.Status, error) { return optimize.NotTerminated, ctx.Err() },
		}, make([]float64, size), &optimize.Settings{
			GradientThreshold: small,
			MajorIterations:   200,
			Converger:         &optimize.FunctionConverge{Absolute: 1e-7, Iterations: 3},
		}, &optimize.BFGS{})
		if ctx.Err() != nil {
			return summit{}, ctx.Err()
		}
		if result == nil {
			return summit{}, runErr
		}
		// A line search that finds nothing better also ends a round: the next one, in new coordinates, says whether
		// that was the top.
		mulVec(move, toX, result.X)
		for i := range x {
			x[i] += move[i]
		}
		reached := at(x)
		gain := reached - top
		top = reached
		if result.Status == optimize.GradientThreshold || gain < 1e-7*(1+math.Abs(top)) {
			ok = true
			break
		}
	}
	top = at(x) // leaves params there
	return summit{params, top, ok}, nil
}

// central writes the gradient of f by central differences. In whitened coordinates one step fits all: small enough for
// the curvature, large against the noise that diffuse variances leave in the likelihood.
func central(grad, z []float64, f func([]float64) float64) {
	const h = 3e-3
	for i := range z {
		old := z[i]
		z[i] = old + h
		up := f(z)
		z[i] = old - h
		grad[i] = (up - f(z)) / (2 * h)
		z[i] = old
	}
}

func mulVec(dst []float64, a *mat.Dense, x []float64) {
	mat.NewVecDense(len(dst), dst).MulVec(a, mat.NewVecDense(len(x), x))
}

// scores returns the derivative of each observation's log-likelihood [n, parameters], by central differences. A first pass
// with a guessed step finds each parameter's scale, the second steps a thousandth of a standard error.
func scores(k *filter, x []float64, at func([]float64) float64) *mat.Dense {
	n := len(k.y)
	k.each = make([]float64, n)
	defer func() { k.each = nil }()
	s := mat.NewDense(n, len(x), nil)
	up := make([]float64, n)
	x = append([]float64(nil), x...)
	for j, old := range x {
		h := 1e-6 * max(math.Abs(old), 1e-2)
		for range 2 {
			x[j] = old + h
			at(x)
			copy(up, k.each)
			x[j] = old - h
			at(x)
			x[j] = old
			var sum float64
			for t, u := range up {
				d := (u - k.each[t]) / (2 * h)
				if math.IsNaN(d) || math.IsInf(d, 0) {
					d = 0
				}
				s.Set(t, j, d)
				sum += d * d
			}
			if sum == 0 {
				break
			}
			h = 1e-3 / math.Sqrt(sum)
		}
	}
	return s
}

// whitener returns A with x = A z, where the scores' outer product over z is the identity: a step of length one in z is about
// one standard error.
func whitener(s *mat.Dense) *mat.Dense {
	_, size := s.Dims()
	var outer mat.SymDense
	outer.SymOuterK(1, s.T())
	out := mat.NewDense(size, size, nil)
	for ridge := 1e-3; ridge < 1; ridge *= 100 {
		a := mat.NewSymDense(size, nil)
		for i := range size {
			for j := i; j < size; j++ {
				a.SetSym(i, j, outer.At(i, j))
			}
			if d := outer.At(i, i); d > 0 {
				a.SetSym(i, i, d*(1+ridge))
			} else {
				a.SetSym(i, i, 1)
			}
		}
		var chol mat.Cholesky
		if !chol.Factorize(a) {
			continue
		}
		var upper mat.TriDense // UᵀU = a, so A = U⁻¹
		chol.UTo(&upper)
		var inverse mat.TriDense
		if err := inverse.InverseTri(&upper); err != nil {
			continue
		}
		out.Copy(&inverse)
		return out
	}
	for i := range size {
		out.Set(i, i, 1)
	}
	return out
}

// boundary warns of polynomials outside the region where they mean what they seem to, or at its edge.
func boundary(l layout, params []float64) []string {
	var warnings []string
	p := l.split(params)
	for _, part := range []struct {
		name, region string
		coef         []float64
		sign         float64
	}{
		{"autoregression", "stationary", p.ar, 1}, {"seasonal autoregression", "stationary", p.sar, 1},
		{"moving average", "invertible", p.ma, -1}, {"seasonal moving average", "invertible", p.sma, -1},
	} {
		free := make([]float64, len(part.coef))
		unconstrain(free, part.coef, part.sign)
		for _, x := range free {
			// x = r/√(1-r²) for a partial autocorrelation r: NaN or infinite where |r| ≥ 1, 22 at |r| = 0.999.
			if math.IsNaN(x) || math.IsInf(x, 0) {
				warnings = append(warnings, fmt.Sprintf("the %s is not %s", part.name, part.region))
				break
			}
			if math.Abs(x) > 22 {
				warnings = append(warnings, fmt.Sprintf("the %s is at the edge of the %s region: its standard errors mean little, and the model may have a difference or a term too many", part.name, part.region))
				break
			}
		}
	}
	return warnings
}
