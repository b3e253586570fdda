package anomaly

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// scored are the nodes of what is said of windows.
type scored struct {
	mu, logvar    *graph.Node // [batch, latent]
	logLikelihood *graph.Node // [samples, batch], of all values of the window
	kl            *graph.Node // [batch]
	elbo, iwae    *graph.Node // [batch]
	// energy is how much less likely each value is than its mean, in nats, on average over the samples: 0 or more, 0 where it is missing. [batch, window,
	// sensors]
	energy *graph.Node
	mean   *graph.Node // [batch, window, sensors], on average over the samples
}

// score is the graph that scores windows by as many samples of the latent as eps has.
// x, mask: [batch, window, sensors], eps: [samples, batch, latent].
func score(s *model.Scope, net *Net, x, mask, eps *graph.Node) scored {
	if eps.Rank() != 3 || eps.Shape().Dim(1) != x.Shape().Dim(0) {
		panic(fmt.Errorf("anomaly: scores take windows [batch, window, sensors] and eps [samples, batch, latent], were given %s and %s", x.Shape(), eps.Shape()))
	}
	samples, batch := eps.Shape().Dim(0), x.Shape().Dim(0)
	var o scored
	o.mu, o.logvar = net.Encode(s, x)
	spread := graph.InsertAxes(graph.Exp(graph.MulScalar(o.logvar, 0.5)), 0)
	z := graph.Add(graph.InsertAxes(o.mu, 0), graph.Mul(eps, spread))
	mean := net.Decode(s, graph.Reshape(z, samples*batch, -1))
	each := append([]int{samples}, x.Shape().Dimensions...)
	mean = graph.Reshape(mean, each...)
	all := func(n *graph.Node) *graph.Node { return graph.BroadcastToDims(graph.InsertAxes(n, 0), each...) }
	noise := net.logVariance(s, x.Graph())
	density := logDensity(all(x), all(mask), mean, noise)
	o.logLikelihood = graph.ReduceSum(density, -1, -2)
	o.elbo, o.kl = nn.ELBO(o.logLikelihood, o.mu, o.logvar)
	o.iwae = nn.ImportanceWeighted(o.logLikelihood, z, eps, o.logvar)
	o.mean = graph.ReduceMean(mean, 0)
	o.energy = graph.Sub(logDensity(x, mask, x, noise), graph.ReduceMean(density, 0))
	return o
}

// Scores say how unlike the normal rows each row and those before it in its window are. They look back only: no later row changes them. The
// first rows, for which there is no whole window yet, and rows all of whose values are missing have NaN.
type Scores struct {
	// Score is what alarms are raised by: how much less likely the window's values are than those that the model expects, in nats a value that
	// is there; 0 or more.
	Score []float64
	// Contribution is each sensor's part of the Score, in nats: the parts' sum is the Score. [rows, sensors]
	Contribution [][]float64
	// ELBO and IWAE are bounds of the evidence of the window, in nats; LogProbability is the mean of log p(x|z) over samples, its
	// reconstruction probability. Lower is stranger.
	ELBO, IWAE, LogProbability []float64
}

// piece is how many windows are scored at once.
const piece = 256

// Score scores rows in time, which may have other sensors, too. The same rows have the same scores.
func (m *Model) Score(ctx context.Context, rows Rows) (Scores, error) {
	if err := rows.check(); err != nil {
		return Scores{}, err
	}
	w, err := m.windows(rows)
	if err != nil {
		return Scores{}, err
	}
	return m.score(ctx, w)
}

// Scale gives the model's sensors on the common scale that it sees them on, 0 where a value is missing. [rows, sensors]
func (m *Model) Scale(rows Rows) ([][]float64, error) {
	if err := rows.check(); err != nil {
		return nil, err
	}
	w, err := m.windows(rows)
	if err != nil {
		return nil, err
	}
	list := make([][]float64, len(w.x))
	for i, x := range w.x {
		list[i] = float64s(x)
	}
	return list, nil
}

// windows are those of rows, which were checked, on the common scale.
func (m *Model) windows(rows Rows) (windows, error) {
	at, err := places(m.Config.Sensors, rows.Sensors)
	if err != nil {
		return windows{}, err
	}
	w := windows{window: m.Config.Model.Window, batch: m.Config.Batch, seed: m.Config.Seed}
	for _, row := range rows.Values {
		x, mask := scaled(m.Config.Sensors, at, row)
		w.x, w.mask = append(w.x, x), append(w.mask, mask)
	}
	return w, nil
}

// score scores scaled rows.
func (m *Model) score(ctx context.Context, w windows) (Scores, error) {
	nan := func(n int) []float64 {
		list := make([]float64, n)
		for i := range list {
			list[i] = math.NaN()
		}
		return list
	}
	n, lead := len(w.x), w.window-1
	out := Scores{nan(n), make([][]float64, n), nan(n), nan(n), nan(n)}
	for i := range n {
		out.Contribution[i] = nan(len(m.Config.Sensors))
	}
	for from := lead; from < n; from += piece {
		count := min(piece, n-from)
		size := piece
		if count == 1 { // a row that just came
			size = 1
		}
		starts := make([]int, size)
		for i := range starts { // the last piece is filled up with its first window
			starts[i] = from - lead
			if i < count {
				starts[i] += i
			}
		}
		told, err := m.scoreWindows(ctx, w, starts)
		if err != nil {
			return Scores{}, err
		}
		for i := range count {
			row := from + i
			if !slices.Contains(w.mask[row], 1) {
				continue
			}
			out.Score[row], out.ELBO[row], out.IWAE[row], out.LogProbability[row] = 0, told.elbo[i], told.iwae[i], told.logProbability[i]
			out.Contribution[row] = told.parts[i]
			for _, part := range told.parts[i] {
				out.Score[row] += part
			}
		}
	}
	return out, nil
}

// told are the values of scored windows.
type told struct {
	parts                      [][]float64 // of the score, by sensor
	elbo, iwae, logProbability []float64
}

func (m *Model) scoreWindows(ctx context.Context, w windows, starts []int) (told, error) {
	batch, c := stack(w, starts), m.Config
	out, err := m.run.Call(ctx, fmt.Sprintf("score %d windows", len(starts)), func(s *model.Scope, in []*graph.Node) []*graph.Node {
		// The same noise for each window: equal windows have equal scores, whatever they are scored with.
		eps := graph.BroadcastToDims(nn.Normal(in[2], c.Samples, 1, c.Model.Latent), c.Samples, len(starts), c.Model.Latent)
		o := score(s, m.net, in[0], in[1], eps)
		present := graph.MaxScalar(graph.ReduceAndKeep(graph.ReduceSum(in[1], -1), graph.ReduceSum, -1), 1)
		return []*graph.Node{graph.Div(graph.ReduceSum(o.energy, 1), present), o.elbo, o.iwae, graph.ReduceMean(o.logLikelihood, 0)}
	}, batch[0], batch[1], []uint32{uint32(c.Seed >> 32), uint32(c.Seed)})
	if err != nil {
		return told{}, err
	}
	var all told
	for _, row := range out[0].Value().([][]float32) {
		all.parts = append(all.parts, float64s(row))
	}
	all.elbo, all.iwae, all.logProbability = float64s(out[1].Value().([]float32)), float64s(out[2].Value().([]float32)), float64s(out[3].Value().([]float32))
	return all, nil
}

func float64s(values []float32) []float64 {
	list := make([]float64, len(values))
	for i, v := range values {
		list[i] = float64(v)
	}
	return list
}
