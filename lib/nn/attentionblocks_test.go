package nn

import (
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/backend/backendtest"
)

// small has values as attention meets them: a tenth of what [filled] has.
func small(dims ...int) *tensors.Tensor {
	x := filled(dims)
	_ = tensors.MutableFlatData(x, func(flat []float32) {
		for i := range flat {
			flat[i] /= 10
		}
	})
	return x
}

// Blocks give what all scores at once give, and so do their gradients: with keys that fill no block, with masks over keys, queries
// and both, with rows that may see nothing, and with dropout.
func TestAttentionBlocks(t *testing.T) {
	const batch, queries, keys, heads, dim = 2, 5, 7, 2, 3
	masks := map[string]func(g *graph.Graph) *graph.Node{
		"none": func(*graph.Graph) *graph.Node { return nil },
		"keys": func(g *graph.Graph) *graph.Node {
			return KeyMask(graph.Const(g, [][]bool{{true, true, false, true, false, false, false}, {false, false, false, false, false, false, false}}))
		},
		"late keys alone": func(g *graph.Graph) *graph.Node {
			return KeyMask(graph.Const(g, [][]bool{{false, false, false, false, false, true, true}, {false, false, false, false, false, false, true}}))
		},
		"causal": func(g *graph.Graph) *graph.Node {
			i, j := graph.Iota(g, shapes.Make(dtypes.Int32, 1, 1, queries, keys), 2), graph.Iota(g, shapes.Make(dtypes.Int32, 1, 1, queries, keys), 3)
			return graph.LessOrEqual(j, i)
		},
		"whole queries": func(g *graph.Graph) *graph.Node {
			return graph.InsertAxes(graph.Const(g, [][]bool{{true}, {false}, {true}, {true}, {false}}), 0, 0)
		},
	}
	names := slices.Sorted(maps.Keys(masks))
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range []struct {
			block   int
			dropout float64
		}{{3, 0}, {3, 0.4}, {7, 0}} {
			exec, err := model.NewExec(b, model.NewStore(), func(s *model.Scope, q, k, v, dy *graph.Node) []*graph.Node {
				g := q.Graph()
				s.Store().SetTraining(g, true)
				var list []*graph.Node
				for _, name := range names {
					const scale = 0.7
					a := MultiheadAttention{Block: c.block, Dropout: &Dropout{P: c.dropout}}
					key := graph.Const(g, []uint32{1, 2})
					SeedGraph(s, key)
					got := a.blocks(s, q, k, v, masks[name](g), scale)

					weights := MaskedSoftmax(Scores(q, k, scale), masks[name](g))
					if c.dropout > 0 {
						SeedGraph(s, key)
						drawn := NextKey(s, g)
						var factors []*graph.Node
						for i := range (keys + c.block - 1) / c.block {
							like := graph.Zeros(g, shapes.Make(dtypes.Float32, batch, heads, queries, c.block))
							factors = append(factors, a.Dropout.factors(Fold(drawn, graph.Scalar(g, dtypes.Uint32, i)), like))
						}
						weights = graph.Mul(weights, graph.SliceAxis(graph.Concatenate(factors, 3), 3, graph.AxisRange(0, keys)))
					}
					for _, y := range []*graph.Node{got, Mix(weights, v)} {
						list = append(list, y)
						list = append(list, graph.Gradient(graph.ReduceAllSum(graph.Mul(y, dy)), q, k, v)...)
					}
				}
				return list
			})
			if err != nil {
				t.Fatal(err)
			}
			defer exec.Finalize()
			out, err := exec.Call(small(batch, queries, heads, dim), small(batch, keys, heads, dim), small(batch, keys, heads, dim), small(batch, queries, heads, dim))
			if err != nil {
				t.Fatal(err)
			}
			for i, name := range names {
				for j, what := range []string{"output", "gradient of q", "gradient of k", "gradient of v"} {
					got, want := tensors.MustCopyFlatData[float32](out[8*i+j]), tensors.MustCopyFlatData[float32](out[8*i+4+j])
					for n := range want {
						if !(math.Abs(float64(got[n]-want[n])) <= 1e-6) {
							t.Errorf("mask %s, block %d, dropout %g, %s: value %d is %g in blocks, %g at once", name, c.block, c.dropout, what, n, got[n], want[n])
							break
						}
					}
				}
			}
		}
	})
}

// BenchmarkAttentionLength measures self-attention, 512 wide with 8 heads, a batch of one text, forward and gradient: time and the
// most memory that the process has held, all scores at once and in blocks. The C library keeps what XLA gives back: one length at a
// time tells (-bench 'AttentionLength/length_2048,_block_0$').
func BenchmarkAttentionLength(b *testing.B) {
	be, err := backend.New("xla:cpu")
	if err != nil {
		b.Skip(err)
	}
	for _, length := range []int{128, 256, 512, 1024, 2048} {
		for _, block := range []int{0, 128} {
			b.Run(fmt.Sprintf("length %d, block %d", length, block), func(b *testing.B) {
				a := NewMultiheadAttention(512, 8, 0)
				a.Block = block
				store := model.NewStore()
				if err := Create(store.RootScope(), Name(a), 1); err != nil {
					b.Fatal(err)
				}
				exec, err := model.NewExec(be, store, func(s *model.Scope, x *graph.Node) []*graph.Node {
					y, _ := a.Forward(s, x, x, nil)
					return graph.Gradient(graph.ReduceAllSum(graph.Square(y)), x)
				})
				if err != nil {
					b.Fatal(err)
				}
				defer exec.Finalize()
				x := filled([]int{1, length, 512})
				least, most := time.Hour, 0
				for b.Loop() {
					for i := range 4 { // the first call compiles
						if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600); err != nil {
							b.Skip(err)
						}
						start := time.Now()
						out, err := exec.Exec(x)
						if err != nil {
							b.Fatal(err)
						}
						if i > 0 {
							least, most = min(least, time.Since(start)), max(most, memory(b))
						}
						out[0].MustFinalizeAll()
					}
				}
				b.ReportMetric(float64(least.Microseconds())/1000, "ms")
				b.ReportMetric(float64(most)/1024, "MiB")
			})
		}
	}
}

// memory is the most that this process has held since it was last asked to forget, in KiB.
func memory(b *testing.B) int {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip(err)
	}
	for l := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(l, "VmHWM:"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err != nil {
				b.Fatal(err)
			}
			return n
		}
	}
	b.Skip("no VmHWM in /proc/self/status")
	return 0
}
