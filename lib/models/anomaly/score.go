package anomaly

import (
	"context"
	"fmt"
	"math"

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

// Scores say how unlike the normal rows each row is. They look back only: a row's scores depend on no later row. The first rows, for which there is
// no whole window yet, and rows all of whose values are missing have NaN.
type Scores struct {
	// Score is what alarms are raised by: how much less likely the row's values are than those that the model expects, in nats a value, 0 or
	// more; the mean over the last Smooth rows.
	Score []float64
	// Contribution is each sensor's part of the Score, in nats; a row's parts have the Score as their sum. [rows, sensors]
	Contribution [][]float64
	// ELBO and IWAE are bounds of the evidence of the row's window, in nats; LogProbability is the mean of log p(x|z) over samples, its
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
	at, err := places(m.Config.Sensors, rows.Sensors)
	if err != nil {
		return Scores{}, err
	}
	w := windows{window: m.Config.Model.Window}
	for _, row := range rows.Values {
		x, mask := scaled(m.Config.Sensors, at, row)
		w.x, w.mask = append(w.x, x), append(w.mask, mask)
	}
	return m.score(ctx, w)
}

// score scores scaled rows.
func (m *Model) score(ctx context.Context, w windows) (Scores, error) {
	n, lead := len(w.x), w.window-1
	var out Scores
	energy := make([][]float64, n) // of the last row of each window, by sensor
	for _, list := range []*[]float64{&out.Score, &out.ELBO, &out.IWAE, &out.LogProbability} {
		*list = make([]float64, n)
		for i := range *list {
			(*list)[i] = math.NaN()
		}
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
		said, err := m.scoreWindows(ctx, w, starts)
		if err != nil {
			return Scores{}, err
		}
		for i := range count {
			energy[from+i] = said.energy[i]
			out.ELBO[from+i], out.IWAE[from+i], out.LogProbability[from+i] = said.elbo[i], said.iwae[i], said.logProbability[i]
		}
	}
	out.Contribution = make([][]float64, n)
	s := smoother{rows: m.Config.Smooth}
	for i := range n {
		out.Score[i], out.Contribution[i] = s.next(energy[i], w.mask[i])
	}
	return out, nil
}

// said are the values of scored windows.
type said struct {
	energy                     [][]float64 // of the last row, by sensor
	elbo, iwae, logProbability []float64
}

func (m *Model) scoreWindows(ctx context.Context, w windows, starts []int) (said, error) {
	batch, c := stack(w, starts), m.Config
	out, err := m.run.Call(ctx, fmt.Sprintf("score %d windows", len(starts)), func(s *model.Scope, in []*graph.Node) []*graph.Node {
		// The same noise for each window: equal windows have equal scores, whatever they are scored with.
		eps := graph.BroadcastToDims(nn.Normal(in[2], c.Samples, 1, c.Model.Latent), c.Samples, len(starts), c.Model.Latent)
		o := score(s, m.net, in[0], in[1], eps)
		last := graph.Squeeze(graph.Slice(o.energy, graph.AxisRange(), graph.AxisElem(-1)), 1)
		return []*graph.Node{last, o.elbo, o.iwae, graph.ReduceMean(o.logLikelihood, 0)}
	}, batch[0], batch[1], []uint32{uint32(c.Seed >> 32), uint32(c.Seed)})
	if err != nil {
		return said{}, err
	}
	var all said
	for _, row := range out[0].Value().([][]float32) {
		all.energy = append(all.energy, float64s(row))
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

// smoother is the mean of what the last rows said, each row's as a mean over the values that it has.
type smoother struct {
	rows   int
	recent [][]float64 // contributions of the last rows, oldest first; nil where a row has none
}

// next takes a row's energy by sensor, nil where it has no window, and gives the score and each sensor's part.
func (s *smoother) next(energy []float64, mask []float32) (score float64, parts []float64) {
	var present float64
	for _, m := range mask {
		present += float64(m)
	}
	var own []float64
	if energy != nil && present > 0 {
		own = make([]float64, len(energy))
		for j, e := range energy {
			own[j] = e / present
		}
	}
	if s.recent = append(s.recent, own); len(s.recent) > s.rows {
		s.recent = s.recent[1:]
	}
	parts = make([]float64, len(mask))
	var count float64
	for _, row := range s.recent {
		if row == nil {
			continue
		}
		count++
		for j, v := range row {
			parts[j] += v
		}
	}
	if own == nil {
		for j := range parts {
			parts[j] = math.NaN()
		}
		return math.NaN(), parts
	}
	for j := range parts {
		parts[j] /= count
		score += parts[j]
	}
	return score, parts
}
