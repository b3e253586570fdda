package nn

import (
	"cmp"
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
