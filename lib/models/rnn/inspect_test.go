package rnn

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

func TestInspect(t *testing.T) {
	ctx := context.Background()
	m, err := New(tiny("lstm"), 1)
	if err != nil {
		t.Fatal(err)
	}
	gates, err := m.Gates(ctx, "abcab")
	if err != nil {
		t.Fatal(err)
	}
	if len(gates.Forget) != 5 || len(gates.Forget[0]) != 32 || gates.Forget[0][0] == gates.Forget[3][0] {
		t.Errorf("forget gates %v", gates.Forget)
	}
	// The gates and the state they make are those of the layer: o·tanh(i·c) after the first character.
	state, err := m.read(ctx, []int32{1})
	if err != nil {
		t.Fatal(err)
	}
	h := tensors.MustCopyFlatData[float32](state[0].(*tensors.Tensor))
	for j := range h {
		want := float64(gates.Output[0][j]) * math.Tanh(float64(gates.Input[0][j]*gates.Candidate[0][j]))
		if math.Abs(float64(h[j])-want) > 1e-5 {
			t.Fatalf("cell %d gives %g, its gates %g", j, h[j], want)
		}
	}
	reach, err := m.Reach(ctx, strings.Repeat("abcdef", 5))
	if err != nil {
		t.Fatal(err)
	}
	if len(reach) != 29 || !(reach[28] > 100*reach[0]) {
		t.Errorf("a fresh LSTM looks back %v", reach)
	}
}
