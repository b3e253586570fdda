package rnn

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
)

// ForecastConfig says how an LSTM learns to continue a series of numbers.
type ForecastConfig struct {
	Hidden int     // width of the one layer
	Window int     // steps that training reads, and goes back through
	Batch  int     // windows a training step
	Steps  int     // training steps
	Rate   float64 // Adam's, falling to a tenth along a cosine
	Decay  float64 // weight that pulls the parameters to zero, for short series
	Lag    int     // learn the differences to n steps before (12 for months with a season); 0: the values themselves
	Log    bool    // learn the logarithm: for series whose swings grow with their level
	Seed   uint64  // of weights, windows and paths
}

// DefaultForecast suits a few hundred observations.
func DefaultForecast() ForecastConfig {
	return ForecastConfig{Hidden: 32, Window: 48, Batch: 16, Steps: 200, Rate: 1e-2, Decay: 3e-2, Seed: 1}
}

func (c ForecastConfig) validate(values []float64) error {
	if err := cmp.Or(
		nn.CheckSize("rnn", "hidden", c.Hidden, 1, nn.MaxSize),
		nn.CheckSize("rnn", "window", c.Window, 1, nn.MaxSize),
		nn.CheckSize("rnn", "batch", c.Batch, 1, nn.MaxSize),
		nn.CheckSize("rnn", "steps", c.Steps, 1, nn.MaxSize),
	); err != nil {
		return err
	}
	switch {
	case !(c.Rate > 0):
		return fmt.Errorf("rnn: rate is %g: it must be positive", c.Rate)
	case !(c.Decay >= 0):
		return fmt.Errorf("rnn: decay is %g: it must be at least 0", c.Decay)
	case c.Lag < 0:
		return fmt.Errorf("rnn: lag is %d: it must be at least 0", c.Lag)
	}
	if need := c.Window + c.Lag + 2; len(values) < need {
		return fmt.Errorf("rnn: a series of %d values: a window of %d with lag %d needs at least %d", len(values), c.Window, c.Lag, need)
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("rnn: value %d of the series is %v: the network takes no missing values", i+1, v)
		}
		if c.Log && v <= 0 {
			return fmt.Errorf("rnn: value %d of the series is %v: a logarithm needs positive ones", i+1, v)
		}
	}
	return nil
}

// Forecaster is an LSTM that gives the next value of a series as a normal distribution.
type Forecaster struct {
	cfg         ForecastConfig
	net         *forecastNet
	run         *nn.Runner
	level       []float64 // the series, its logarithm where asked for
	x           []float32 // what the network reads: differences, standardised
	mean, scale float64
}

type forecastNet struct {
	RNN  *nn.Recurrent `nn:"rnn"`
	Head *nn.Linear    `nn:"head"` // mean and logarithm of the variance
}

// FitForecast trains an LSTM on a series, evenly spaced in time, without missing values.
func FitForecast(ctx context.Context, values []float64, c ForecastConfig) (*Forecaster, error) {
	if err := c.validate(values); err != nil {
		return nil, err
	}
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	f := &Forecaster{cfg: c, run: nn.NewRunner("rnn", b)}
	f.net = nn.Name(&forecastNet{
		RNN:  nn.NewRecurrent(nn.RecurrentConfig{Cell: nn.LSTMCell, Input: 1, Hidden: c.Hidden, BatchFirst: true}),
		Head: nn.NewLinear(c.Hidden, 2, true),
	})
	if err := nn.Create(f.run.Store.RootScope(), f.net, c.Seed); err != nil {
		return nil, err
	}
	f.read(values)

	rng := rand.New(rand.NewPCG(c.Seed, 1))
	for step := range c.Steps {
		windows := make([][][]float32, c.Batch)
		for i := range windows {
			start := rng.IntN(len(f.x) - c.Window)
			for _, v := range f.x[start : start+c.Window+1] {
				windows[i] = append(windows[i], []float32{v})
			}
		}
		rate := c.Rate * (0.55 + 0.45*math.Cos(math.Pi*float64(step)/float64(c.Steps)))
		out, err := f.run.Call(ctx, "fit", f.fit, windows, float32(rate))
		if err != nil {
			return nil, err
		}
		if loss := float64(tensors.ToScalar[float32](out[0])); math.IsNaN(loss) || math.IsInf(loss, 0) {
			return nil, fmt.Errorf("rnn: the loss is %v at step %d: try a smaller rate", loss, step+1)
		}
	}
	return f, nil
}

// read makes the network's input of the series.
func (f *Forecaster) read(values []float64) {
	for _, v := range values {
		if f.cfg.Log {
			v = math.Log(v)
		}
		f.level = append(f.level, v)
	}
	d := slices.Clone(f.level)
	if lag := f.cfg.Lag; lag > 0 {
		d = d[lag:]
		for i := range d {
			d[i] -= f.level[i]
		}
	}
	for _, v := range d {
		f.mean += v / float64(len(d))
	}
	for _, v := range d {
		f.scale += (v - f.mean) * (v - f.mean) / float64(len(d))
	}
	if f.scale = math.Sqrt(f.scale); f.scale == 0 {
		f.scale = 1
	}
	for _, v := range d {
		f.x = append(f.x, float32((v-f.mean)/f.scale))
	}
}

// next gives the distribution of what follows each step. x: [batch, time, 1], mean and logvar: [batch, time, 1].
func (n *forecastNet) next(s *model.Scope, x *graph.Node, state nn.RecurrentState) (mean, logvar *graph.Node, last nn.RecurrentState) {
	y, last := n.RNN.Forward(s, x, state, nil)
	out := n.Head.Forward(s, y)
	all := graph.AxisRange()
	return graph.Slice(out, all, all, graph.AxisRange(0, 1)), graph.Slice(out, all, all, graph.AxisRange(1, 2)), last
}

// fit is a training step on windows [batch, window+1, 1]: the negative log-likelihood of each next value.
func (f *Forecaster) fit(s *model.Scope, in []*graph.Node) []*graph.Node {
	windows, rate := in[0], in[1]
	g := windows.Graph()
	all, size := graph.AxisRange(), windows.Shape().Dim(1)
	x, y := graph.Slice(windows, all, graph.AxisRange(0, size-1)), graph.Slice(windows, all, graph.AxisRange(1, size))
	mean, logvar, _ := f.net.next(s, x, f.net.RNN.ZeroState(g, f.cfg.Batch))
	loss := graph.ReduceAllMean(graph.MulScalar(graph.Add(logvar, graph.Mul(graph.Square(graph.Sub(y, mean)), graph.Exp(graph.Neg(logvar)))), 0.5))
	params := nn.Trained(f.net)
	penalty := graph.ScalarZero(g, dtypes.Float32)
	for _, p := range params {
		penalty = graph.Add(penalty, graph.ReduceAllSum(graph.Square(p.Node(s, g))))
	}
	adam := nn.NewAdam(0)
	adam.Rate = func(*graph.Node) *graph.Node { return rate }
	grads, _ := nn.ClipGlobalNorm(nn.Gradients(s, graph.Add(loss, graph.MulScalar(penalty, f.cfg.Decay/2)), params), 1)
	adam.Update(s, params, grads)
	return []*graph.Node{loss}
}

// Forecast is what a forecaster expects after the last observation, with the interval that holds each future value with the given
// probability, found by drawing paths.
type Forecast struct {
	Mean, Lower, Upper []float64
	Level              float64
}

// paths is the number of futures that a forecast draws.
const paths = 1000

// Forecast draws futures, each value from the network's distribution given the ones before it, and sums them up. The whole of it
// is one graph.
func (f *Forecaster) Forecast(ctx context.Context, steps int, level float64) (*Forecast, error) {
	if steps < 1 {
		return nil, fmt.Errorf("rnn: a forecast of %d steps: it takes 1 or more", steps)
	}
	if !(level > 0 && level < 1) {
		return nil, fmt.Errorf("rnn: an interval of probability %v: it must lie between 0 and 1", level)
	}
	history := make([][]float32, len(f.x))
	for i, v := range f.x {
		history[i] = []float32{v}
	}
	out, err := f.run.Call(ctx, fmt.Sprintf("forecast %d steps", steps), func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{f.draw(s, in[0], in[1], steps)}
	}, [][][]float32{history}, []uint32{uint32(f.cfg.Seed >> 32), uint32(f.cfg.Seed)})
	if err != nil {
		return nil, err
	}
	return f.sum(out[0].Value().([][]float32), level), nil
}

// draw gives steps values of each path, [steps, paths]. history: [1, time, 1].
func (f *Forecaster) draw(s *model.Scope, history, key *graph.Node, steps int) *graph.Node {
	g := history.Graph()
	mean, logvar, state := f.net.next(s, history, f.net.RNN.ZeroState(g, 1))
	last := func(n *graph.Node) *graph.Node {
		return graph.BroadcastToDims(graph.Slice(n, graph.AxisRange(), graph.AxisElem(-1)), paths, 1, 1)
	}
	init := []*graph.Node{last(mean), last(logvar)}
	for _, n := range states(state) {
		init = append(init, graph.BroadcastToDims(n, 1, paths, f.cfg.Hidden))
	}
	_, ys := nn.Scan(nn.ScanConfig{Length: steps, NoGradient: true}, init, nil, func(step *graph.Node, carry, _ []*graph.Node) (next, y []*graph.Node) {
		noise := nn.Normal(nn.Fold(key, graph.ConvertDType(step, dtypes.Uint32)), paths, 1, 1)
		x := graph.Add(carry[0], graph.Mul(noise, graph.Exp(graph.MulScalar(carry[1], 0.5))))
		mean, logvar, state := f.net.next(s, x, stateOf(carry[2:]))
		return append([]*graph.Node{mean, logvar}, states(state)...), []*graph.Node{graph.Reshape(x, paths)}
	})
	return ys[0]
}

// sum brings paths back to the series' own scale, and takes mean and quantiles. drawn: [steps][paths].
func (f *Forecaster) sum(drawn [][]float32, level float64) *Forecast {
	out := &Forecast{Level: level}
	lag, n := f.cfg.Lag, len(f.level)
	futures := make([][]float64, len(drawn)) // [steps][paths]
	for t := range drawn {
		futures[t] = make([]float64, paths)
		var mean float64
		for p, v := range drawn[t] {
			x := float64(v)*f.scale + f.mean
			switch {
			case lag > t:
				x += f.level[n+t-lag]
			case lag > 0:
				x += futures[t-lag][p]
			}
			futures[t][p] = x
		}
		ordered := slices.Clone(futures[t])
		for p := range ordered {
			if f.cfg.Log {
				ordered[p] = math.Exp(ordered[p])
			}
			mean += ordered[p] / paths
		}
		slices.Sort(ordered)
		quantile := func(q float64) float64 { return ordered[int(math.Round(q*(paths-1)))] }
		out.Mean = append(out.Mean, mean)
		out.Lower = append(out.Lower, quantile((1-level)/2))
		out.Upper = append(out.Upper, quantile((1+level)/2))
	}
	return out
}
