package nn

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"genlab/lib/backend"
	"genlab/lib/backend/backendtest"
)

// causalShape is a case: heads of queries and of keys, padding before the second text, dropout.
type causalShape struct {
	length, block, heads, kv int
	padded                   bool
	dropout                  float64
}

// inputs are q, k, v and the gradient of what comes out.
func (c causalShape) inputs() []*tensors.Tensor {
	const batch, dim = 2, 6
	return []*tensors.Tensor{small(batch, c.length, c.heads, dim), small(batch, c.length, c.kv, dim), small(batch, c.length, c.kv, dim), small(batch, c.length, c.heads*dim)}
}

// Blocks give what all scores at once give, and so do their gradients: texts that fill no block, one block alone, heads that share keys,
// padding before a text, and dropout.
func TestCausalHeads(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range []causalShape{{12, 4, 2, 2, false, 0}, {11, 4, 4, 2, false, 0}, {3, 4, 2, 1, false, 0}, {10, 3, 4, 2, true, 0}, {9, 4, 4, 2, false, 0.4}} {
			t.Run(fmt.Sprint(c), func(t *testing.T) {
				exec, err := model.NewExec(b, model.NewStore(), func(s *model.Scope, q, k, v, dy *graph.Node) []*graph.Node {
					g := q.Graph()
					var first *graph.Node
					if c.padded {
						first = graph.Const(g, []int32{0, 4})
						dy = graph.Mul(dy, graph.InsertAxes(graph.ConvertDType(isReal(first, c.length), dy.DType()), -1))
					}
					drop, key := &Dropout{P: c.dropout}, (*graph.Node)(nil)
					if c.dropout > 0 {
						key = graph.Const(g, []uint32{1, 2})
					}
					blocks := newCausal(q, k, first, c.block, key, drop)

					scores := c.scores(q, k)
					mask := Causal(g, c.length)
					if first != nil {
						mask = graph.LogicalAnd(mask, graph.InsertAxes(isReal(first, c.length), 1, 1))
					}
					weights := MaskedSoftmax(scores, mask)
					if key != nil {
						weights = graph.Mul(weights, c.factors(blocks, weights))
					}
					wide := graph.BroadcastToDims(graph.InsertAxes(v, 3), 2, c.length, c.kv, c.heads/c.kv, 6)
					want := graph.Reshape(Mix(weights, graph.Reshape(wide, 2, c.length, c.heads, 6)), dy.Shape().Dimensions...)

					var list []*graph.Node
					for _, y := range []*graph.Node{blocks.forward(q, k, v), want} {
						y = graph.Mul(y, dy)
						list = append(list, y)
						list = append(list, graph.Gradient(graph.ReduceAllSum(y), q, k, v)...)
					}
					return list
				})
				if err != nil {
					t.Fatal(err)
				}
				defer exec.Finalize()
				in := c.inputs()
				out, err := exec.Call(in[0], in[1], in[2], in[3])
				if err != nil {
					t.Fatal(err)
				}
				for j, what := range []string{"output", "gradient of q", "gradient of k", "gradient of v"} {
					got, want := tensors.MustCopyFlatData[float32](out[j]), tensors.MustCopyFlatData[float32](out[4+j])
					for n := range want {
						if !(math.Abs(float64(got[n]-want[n])) <= 2e-6) {
							t.Errorf("%s: value %d is %g in blocks, %g at once", what, n, got[n], want[n])
							break
						}
					}
				}
			})
		}
	})
}

// scores: [batch, heads, query, key].
func (c causalShape) scores(q, k *graph.Node) *graph.Node {
	wide := graph.BroadcastToDims(graph.InsertAxes(k, 3), 2, c.length, c.kv, c.heads/c.kv, 6)
	return Scores(q, graph.Reshape(wide, 2, c.length, c.heads, 6), 1/math.Sqrt(6))
}

// factors are those of dropout, drawn tile by tile, as one tensor: [batch, heads, query, key].
func (c causalShape) factors(blocks causal, like *graph.Node) *graph.Node {
	g := like.Graph()
	var lines []*graph.Node // of queries
	for i := range blocks.count {
		var tiles []*graph.Node
		for j := range blocks.count {
			x := graph.Ones(g, shapes.Make(dtypes.Float32, blocks.rows(), c.block, c.heads/c.kv*c.block))
			x = tile{causal: blocks, i: graph.Scalar(g, dtypes.Int32, i), j: graph.Scalar(g, dtypes.Int32, j)}.dropped(x)
			x = graph.TransposeAllAxes(graph.Reshape(x, blocks.rows(), c.block, c.heads/c.kv, c.block), 0, 2, 3, 1)
			tiles = append(tiles, graph.Reshape(x, 2, c.heads, c.block, c.block))
		}
		lines = append(lines, graph.Concatenate(tiles, 3))
	}
	all := graph.Concatenate(lines, 2)
	return graph.SliceAxis(graph.SliceAxis(all, 2, graph.AxisRange(0, c.length)), 3, graph.AxisRange(0, c.length))
}

// TestCausalHeadsChosen holds a text long enough for blocks against all scores at once, and wants blocks to say that they have no second
// derivative.
func TestCausalHeadsChosen(t *testing.T) {
	be, err := backend.New("xla:cpu")
	if err != nil {
		t.Skip(err)
	}
	const length = causalAtOnce + 7
	c := causalShape{length: length, heads: 2, kv: 2}
	in := c.inputs()
	exec, err := model.NewExec(be, model.NewStore(), func(s *model.Scope, q, k, v *graph.Node) []*graph.Node {
		return []*graph.Node{
			CausalHeads(s, q, k, v, nil, &Dropout{}),
			AttendHeads(s, q, KeysLast(k), HeadsFirst(v), Causal(q.Graph(), length), &Dropout{}),
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	out, err := exec.Call(in[0], in[1], in[2])
	if err != nil {
		t.Fatal(err)
	}
	got, want := tensors.MustCopyFlatData[float32](out[0]), tensors.MustCopyFlatData[float32](out[1])
	for i := range want {
		if !(math.Abs(float64(got[i]-want[i])) <= 1e-6) {
			t.Fatalf("value %d is %g in blocks, %g at once", i, got[i], want[i])
		}
	}
	twice, err := model.NewExec(be, model.NewStore(), func(s *model.Scope, q *graph.Node) *graph.Node {
		y := CausalHeads(s, q, q, q, nil, &Dropout{})
		once := graph.Gradient(graph.ReduceAllSum(graph.Square(y)), q)[0]
		failure := exceptions.TryCatch[error](func() { graph.Gradient(graph.ReduceAllSum(graph.Square(once)), q) })
		if failure == nil || !slices.Contains([]string{"nn: attention over a text of 263 positions is computed in blocks, which have no second derivative: up to 256 positions have one"}, failure.Error()) {
			t.Errorf("a second derivative: %v", failure)
		}
		return once
	})
	if err != nil {
		t.Fatal(err)
	}
	defer twice.Finalize()
	if _, err := twice.Call(in[0]); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkCausalHeads is attention of 4 heads of 32, forward and gradient, all scores at once and in blocks.
func BenchmarkCausalHeads(b *testing.B) {
	be, err := backend.New("xla:cpu")
	if err != nil {
		b.Skip(err)
	}
	for _, length := range []int{512, 1024, 2048, 4096} {
		for _, blocks := range []bool{false, true} {
			b.Run(fmt.Sprintf("length %d, blocks %t", length, blocks), func(b *testing.B) {
				exec, err := model.NewExec(be, model.NewStore(), func(s *model.Scope, q, k, v *graph.Node) []*graph.Node {
					y := (*graph.Node)(nil)
					if blocks {
						y = CausalHeads(s, q, k, v, nil, &Dropout{})
					} else {
						y = AttendHeads(s, q, KeysLast(k), HeadsFirst(v), Causal(q.Graph(), length), &Dropout{})
					}
					return graph.Gradient(graph.ReduceAllSum(graph.Square(y)), q, k, v)
				})
				if err != nil {
					b.Fatal(err)
				}
				defer exec.Finalize()
				x := filled([]int{1, length, 4, 32})
				least := time.Hour
				for b.Loop() {
					for range 4 { // the first call compiles
						start := time.Now()
						out, err := exec.Exec(x, x, x)
						if err != nil {
							b.Fatal(err)
						}
						least = min(least, time.Since(start))
						for _, o := range out {
							o.MustFinalizeAll()
						}
					}
				}
				b.ReportMetric(float64(least.Microseconds())/1000, "ms")
			})
		}
	}
}
