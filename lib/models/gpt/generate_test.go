package gpt

import (
	"reflect"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/backend/backendtest"
)

func TestPenalize(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		out, err := graph.CallOnce(b, penalize, [][]float32{{2, -2, 1, -1}}, [][]bool{{true, true, false, false}}, float32(4))
		if err != nil {
			t.Fatal(err)
		}
		if want := [][]float32{{0.5, -8, 1, -1}}; !reflect.DeepEqual(out.Value(), want) {
			t.Errorf("got %v, want %v", out.Value(), want)
		}
	})
}
