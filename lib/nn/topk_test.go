package nn

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/backend/backendtest"
)

// TestTopK looks for the largest by itself and in a loop, which takes the largest away each time.
func TestTopK(t *testing.T) {
	inf := float32(math.Inf(1))
	x := [][]float32{{3, 1, 4, 1, 5, 9, 2, 6}, {-inf, -1, -1, -inf, -2, -1e30, -3, -1}}
	check := func(t *testing.T, what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		alone := graph.MustNewExec(b, func(x *graph.Node) []*graph.Node {
			values, places := TopK(x, 3)
			return []*graph.Node{values, places}
		})
		out := alone.MustCall(x)
		check(t, "values", out[0].Value(), [][]float32{{9, 6, 5}, {-1, -1, -1}})
		check(t, "places", out[1].Value(), [][]int32{{5, 7, 4}, {1, 2, 7}})

		loop := graph.MustNewExec(b, func(x *graph.Node) *graph.Node {
			g := x.Graph()
			found := graph.Zeros(g, shapes.Make(dtypes.Int32, 2, 4))
			return Loop(4, []*graph.Node{graph.Const(g, true), x, found}, func(step *graph.Node, state []*graph.Node) []*graph.Node {
				_, place := TopK(state[1], 1)
				taken := graph.Equal(graph.Iota(g, shapes.Make(dtypes.Int32, 2, 8), 1), graph.BroadcastToDims(place, 2, 8))
				rest := graph.Where(taken, graph.AddScalar(graph.ZerosLike(state[1]), -2e30), state[1])
				return []*graph.Node{state[0], rest, PutAt(state[2], place, step, 1)}
			})[2]
		})
		check(t, "places in a loop", loop.MustCall(x)[0].Value(), [][]int32{{5, 7, 4, 2}, {1, 2, 7, 4}})
	})
}

// TestTopKOdd has what a maximum alone gets wrong; the places and gradients are those of torch.topk (2.9.1), the first of equals first.
func TestTopKOdd(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	wide := make([]float32, 4000) // looked at in parts
	wide[3000], wide[17], wide[2999] = nan, inf, 5
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range []struct {
			x      any
			k      int
			values any
			places []int32
		}{
			{[][]float32{{1, -inf, -inf}}, 2, []float32{1, -inf}, []int32{0, 1}},
			{[][]int32{{-7, -5, -3}}, 2, []int32{-3, -5}, []int32{2, 1}},
			{[][]int32{{math.MinInt32, math.MinInt32, 4}}, 3, []int32{4, math.MinInt32, math.MinInt32}, []int32{2, 0, 1}},
			{[][]float32{{1, nan, inf, -nan, 3}}, 4, []float32{nan, nan, inf, 3}, []int32{1, 3, 2, 4}},
			{[][]float32{wide}, 3, []float32{nan, inf, 5}, []int32{3000, 17, 2999}},
			{[][]float32{{0, float32(math.Copysign(0, -1)), 0}}, 2, []float32{0, float32(math.Copysign(0, -1))}, []int32{0, 1}},
		} {
			out := graph.MustNewExec(b, func(x *graph.Node) []*graph.Node {
				values, places := TopK(x, c.k)
				return []*graph.Node{graph.Reshape(values, -1), graph.Reshape(places, -1)}
			}).MustCall(c.x)
			if got := out[0].Value(); fmt.Sprint(got) != fmt.Sprint(c.values) {
				t.Errorf("%v: values %v, want %v", c.places, got, c.values)
			}
			if got := out[1].Value(); !reflect.DeepEqual(got, c.places) {
				t.Errorf("places %v, want %v", got, c.places)
			}
		}
		// A value's gradient goes to its place alone, of equals too.
		grad, err := graph.CallOnce(b, func(x *graph.Node) *graph.Node {
			values, _ := TopK(x, 2)
			return graph.Gradient(graph.ReduceAllSum(graph.Mul(values, graph.Const(x.Graph(), [][]float32{{2, 3}}))), x)[0]
		}, [][]float32{{1, 4, 4, 4}})
		if err != nil {
			t.Fatal(err)
		}
		if got := grad.Value(); !reflect.DeepEqual(got, [][]float32{{0, 2, 3, 0}}) {
			t.Errorf("gradient %v, want [[0 2 3 0]]", got)
		}
		checkDerivatives(t, b, func(in []*graph.Node) *graph.Node {
			values, _ := TopK(in[0], 3)
			return values
		}, []int{2, 7})
	})
}

// TestTopKByParts has rows long enough to be looked at in parts, of values that come often: the first of equals comes first.
func TestTopKByParts(t *testing.T) {
	const n, k = 4000, 5
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([][]float32, 3)
	for i := range x {
		for range n {
			x[i] = append(x[i], float32(rng.IntN(900)))
		}
	}
	if partWidth(n, k) == 1 {
		t.Fatalf("a row of %d isn't looked at in parts", n)
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		out := graph.MustNewExec(b, func(x *graph.Node) []*graph.Node {
			values, places := TopK(x, k)
			return []*graph.Node{values, places}
		}).MustCall(x)
		values, places := out[0].Value().([][]float32), out[1].Value().([][]int32)
		for i, row := range x {
			order := make([]int32, n)
			for j := range order {
				order[j] = int32(j)
			}
			slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(row[b], row[a]) })
			for j, place := range order[:k] {
				if places[i][j] != place || values[i][j] != row[place] {
					t.Errorf("row %d: largest but %d is %g at %d, want %g at %d", i, j, values[i][j], places[i][j], row[place], place)
				}
			}
		}
	})
}
