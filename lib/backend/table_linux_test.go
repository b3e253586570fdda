//go:build cgo

package backend

import (
	"reflect"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// What is read where it lies is what the graph computed, of every size and type, and in the order of its axes.
func TestReadHere(t *testing.T) {
	b, err := New("xla:cpu")
	if err != nil {
		t.Skipf("%v (install it with make setup)", err)
	}
	out, err := graph.CallOnceN(b, func(x *graph.Node) []*graph.Node {
		large := graph.BroadcastToDims(graph.ReduceAllSum(x), 1000, 1000)
		return []*graph.Node{
			graph.Transpose(x, 0, 1), graph.ReduceAllSum(x), graph.GreaterThan(x, graph.AddScalar(graph.ZerosLike(x), 3)),
			graph.ConvertDType(x, dtypes.Int8), graph.ConvertDType(x, dtypes.Float64), graph.ConvertDType(x, dtypes.Int64), large,
		}
	}, [][]float32{{1, 2, 3}, {4, 5, 6}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []any{
		[][]float32{{1, 4}, {2, 5}, {3, 6}}, float32(21), [][]bool{{false, false, false}, {true, true, true}},
		[][]int8{{1, 2, 3}, {4, 5, 6}}, [][]float64{{1, 2, 3}, {4, 5, 6}}, [][]int64{{1, 2, 3}, {4, 5, 6}},
	} {
		if got := out[i].Value(); !reflect.DeepEqual(got, want) {
			t.Errorf("read %v, want %v", got, want)
		}
	}
	for _, row := range out[len(out)-1].Value().([][]float32) {
		for _, v := range row {
			if v != 21 {
				t.Fatalf("read %v, want 21", v)
			}
		}
	}
}
