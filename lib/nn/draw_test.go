package nn

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/backend/backendtest"
)

func TestKeep(t *testing.T) {
	p := [][]float32{{0.1, 0.4, 0.2, 0.25, 0.05}, {0, 0, 1, 0, 0}, {0.2, 0.2, 0.2, 0.2, 0.2}}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		k := graph.MustNewExec(b, func(p, k *graph.Node) *graph.Node { return Drawing{TopK: k}.keep(p) })
		share := graph.MustNewExec(b, func(p, share *graph.Node) *graph.Node { return Drawing{TopP: share}.keep(p) })
		for _, c := range []struct {
			k, p float32
			want [][]float32
		}{
			{k: 1, want: [][]float32{{0, 0.4, 0, 0, 0}, p[1], p[2]}},
			{k: 3, want: [][]float32{{0, 0.4, 0.2, 0.25, 0}, p[1], p[2]}},
			{k: 9, want: p},
			{p: 0.39, want: [][]float32{{0, 0.4, 0, 0, 0}, p[1], p[2]}},
			{p: 0.5, want: [][]float32{{0, 0.4, 0, 0.25, 0}, p[1], p[2]}},
			{p: 0.9, want: [][]float32{{0.1, 0.4, 0.2, 0.25, 0}, p[1], p[2]}},
		} {
			out, err := k.Call1(p, c.k)
			if c.p > 0 {
				out, err = share.Call1(p, c.p)
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := out.Value().([][]float32); !reflect.DeepEqual(got, c.want) {
				t.Errorf("k %g, p %g: got %v, want %v", c.k, c.p, got, c.want)
			}
		}
	})
}

// Pairs and bits keep the same, values that are equal included.
func TestKeepTheSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	p, weights := make([][]float32, 6), make([][]float32, 6)
	for i := range p {
		for range 40 {
			p[i], weights[i] = append(p[i], float32(rng.IntN(12))/512), append(weights[i], float32(1+rng.IntN(3)))
		}
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		both := graph.MustNewExec(b, func(p, weights, enough *graph.Node) []*graph.Node {
			enough = graph.BroadcastToDims(enough, 6, 1)
			return []*graph.Node{keepByPairs(p, weights, enough), keepByBits(p, weights, enough)}
		})
		for _, enough := range []float32{1, 2, 7, 20, 1000} {
			out, err := both.Call(p, weights, enough)
			if err != nil {
				t.Fatal(err)
			}
			if pairs, bits := out[0].Value(), out[1].Value(); !reflect.DeepEqual(pairs, bits) {
				t.Errorf("enough is %g: pairs keep %v, bits %v", enough, pairs, bits)
			}
		}
	})
}

// Tokens are drawn as often as their probability says: p^(1/temperature) of what is kept.
func TestDraw(t *testing.T) {
	const n = 20000
	p := []float64{0.5, 0, 0.3, 0.2}
	var logits []float32
	for _, p := range p {
		logits = append(logits, float32(math.Log(p)))
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range []struct {
			name                    string
			temperature, topK, topP float32 // 0 leaves it out
			want                    []float64
		}{
			{"all", 0, 0, 0, p},
			{"temperature", 0.5, 0, 0, []float64{0.25 / 0.38, 0, 0.09 / 0.38, 0.04 / 0.38}},
			{"top k", 0, 2, 0, []float64{0.625, 0, 0.375, 0}},
			{"top p", 0, 0, 0.7, []float64{0.625, 0, 0.375, 0}},
			{"top p of top k", 0, 2, 0.6, []float64{1, 0, 0, 0}},
		} {
			out, err := graph.CallOnce(b, func(key, logits *graph.Node) *graph.Node {
				option := func(v float32) *graph.Node {
					if v == 0 {
						return nil
					}
					return graph.Const(key.Graph(), v)
				}
				d := Drawing{option(c.temperature), option(c.topK), option(c.topP)}
				return d.Token(key, graph.BroadcastToDims(graph.InsertAxes(logits, 0), n, 4))
			}, []uint32{1, 2}, logits)
			if err != nil {
				t.Fatal(err)
			}
			var counts [4]float64
			for _, v := range tensors.MustCopyFlatData[int32](out) {
				counts[v]++
			}
			for i, count := range counts {
				if d := count/n - c.want[i]; d > 0.015 || d < -0.015 || c.want[i] == 0 && count > 0 {
					t.Errorf("%s: token %d of probability %g was drawn %g of the times", c.name, i, c.want[i], count/n)
				}
			}
		}
	})
}
