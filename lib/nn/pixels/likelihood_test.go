package pixels

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/backend/backendtest"
)

// every lists all values that a pixel can take.
func every(l Likelihood) [][]float32 {
	list := [][]float32{nil}
	for range l.Channels {
		var longer [][]float32
		for _, p := range list {
			for v := range l.Levels {
				longer = append(longer, append(append([]float32(nil), p...), float32(v)/float32(l.Levels-1)))
			}
		}
		list = longer
	}
	return list
}

// someOutputs are what a network might give for a pixel.
func someOutputs(l Likelihood, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]float32, l.Outputs())
	for i := range out {
		out[i] = float32(rng.NormFloat64())
	}
	return out
}

// probabilities are those of all values of a pixel.
func probabilities(t *testing.T, b compute.Backend, l Likelihood, out []float32) []float64 {
	t.Helper()
	all := every(l)
	nats := graph.MustExecOnce(b, func(out, x *graph.Node) *graph.Node {
		return l.NLL(graph.BroadcastToDims(graph.ExpandLeftToRank(out, 2), len(all), l.Outputs()), x)
	}, out, all)
	var list []float64
	for _, n := range nats.Value().([]float32) {
		list = append(list, math.Exp(-float64(n)))
	}
	return list
}

var likelihoods = map[string]Likelihood{
	"coin":           {Channels: 1, Levels: 2},
	"three coins":    {Channels: 3, Levels: 2},
	"softmax":        {Channels: 1, Levels: 256},
	"colour":         {Channels: 3, Levels: 6},
	"mixture":        {Channels: 1, Levels: 256, Mixtures: 5},
	"colour mixture": {Channels: 3, Levels: 8, Mixtures: 3},
}

// TestSumsToOne wants the probabilities of all values of a pixel to be 1 together. Of several colours the network would give later ones other
// outputs for each value of the earlier; that the mixture does by itself, and the others' colours are independent here.
func TestSumsToOne(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for name, l := range likelihoods {
			for seed := range uint64(5) {
				sum := 0.0
				for _, p := range probabilities(t, b, l, someOutputs(l, seed)) {
					sum += p
				}
				if math.Abs(sum-1) > 1e-4 {
					t.Errorf("%s: the probabilities are %g together", name, sum)
				}
			}
		}
	})
}

// TestDraw wants values to be drawn as often as they are likely: by random numbers from an even grid, so that it is nearly exact.
func TestDraw(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for name, l := range map[string]Likelihood{
			"coin": {Channels: 1, Levels: 2}, "softmax": {Channels: 1, Levels: 10}, "mixture": {Channels: 1, Levels: 10, Mixtures: 3},
		} {
			const side = 200
			var u [][]float32
			for i := range side {
				for j := range side {
					u = append(u, []float32{(float32(i) + 0.5) / side, (float32(j) + 0.5) / side}[:l.draws()])
				}
			}
			out := someOutputs(l, 3)
			drawn := graph.MustExecOnce(b, func(out, u *graph.Node) *graph.Node {
				out = graph.BroadcastToDims(graph.ExpandLeftToRank(out, 2), side*side, l.Outputs())
				one := graph.Scalar(out.Graph(), dtypes.Float32, 1)
				return l.draw(out, u, graph.SliceAxis(graph.ZerosLike(u), 1, graph.AxisRange(0, 1)), one, 0)
			}, out, u)
			counts := make([]float64, l.Levels)
			for _, v := range drawn.Value().([][]float32) {
				counts[int(math.Round(float64(v[0])*float64(l.Levels-1)))] += 1.0 / (side * side)
			}
			for level, p := range probabilities(t, b, l, out) {
				if math.Abs(counts[level]-p) > 0.01 {
					t.Errorf("%s: level %d is drawn %.3f of the time, its probability is %.3f", name, level, counts[level], p)
				}
			}
		}
	})
}

func TestQuantize(t *testing.T) {
	b := []float32{0, 0.1, 0.5, 0.9, 1}
	backendtest.Each(t, func(t *testing.T, backend compute.Backend) {
		got := graph.MustExecOnce(backend, func(x *graph.Node) *graph.Node {
			coin, four := Likelihood{Channels: 1, Levels: 2}, Likelihood{Channels: 1, Levels: 4}
			noise := graph.AddScalar(graph.ZerosLike(x), 0.3)
			return graph.Stack([]*graph.Node{coin.Quantize(x, noise), coin.Quantize(x, nil), four.Quantize(x, nil)}, 0)
		}, b).Value().([][]float32)
		for i, want := range [][]float32{{0, 0, 1, 1, 1}, {0, 0, 1, 1, 1}, {0, 0, 2. / 3, 1, 1}} {
			for k, v := range want {
				if math.Abs(float64(got[i][k]-v)) > 1e-6 {
					t.Errorf("case %d: %v, want %v", i, got[i], want)
				}
			}
		}
	})
}

func TestPrefix(t *testing.T) {
	if n, err := Prefix([]bool{true, true, false, false}); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := Prefix([]bool{true, false, true}); err == nil || !strings.Contains(err.Error(), "pixel 2 is known, pixel 1 before it isn't") {
		t.Error(err)
	}
}

func TestLikelihoodRefusals(t *testing.T) {
	for want, l := range map[string]Likelihood{
		"channels is 0":  {Levels: 2},
		"levels is 1":    {Channels: 1, Levels: 1},
		"levels is 257":  {Channels: 1, Levels: 257},
		"mixtures is -1": {Channels: 1, Levels: 2, Mixtures: -1},
		"levels is 2":    {Channels: 1, Levels: 2, Mixtures: 3},
	} {
		if err := l.Validate("x"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", l, err, want)
		}
	}
}
