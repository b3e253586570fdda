package vit

import (
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// TestDropPath trains with a branch left out or doubled, as a whole, and evaluates without.
func TestDropPath(t *testing.T) {
	m, err := New(Tiny(), 1)
	if err != nil {
		t.Fatal(err)
	}
	layer := m.net.Encoder.Stack.Layers[1]
	layer.drop.P = 0.5
	for _, training := range []bool{true, false} {
		name := map[bool]string{true: "train", false: "eval"}[training]
		out, err := m.run.Call(t.Context(), name, func(s *model.Scope, in []*graph.Node) []*graph.Node {
			s.Store().SetTraining(in[0].Graph(), training)
			nn.SeedGraph(s, in[0])
			return []*graph.Node{layer.branch(s, nil, graph.Ones(in[0].Graph(), shapes.Make(dtypes.Float32, 200, 2, 3)))}
		}, []uint32{1, 2})
		if err != nil {
			t.Fatal(err)
		}
		counts := map[float32]int{}
		for _, rows := range out[0].Value().([][][]float32) {
			v := rows[0][0]
			for _, row := range rows {
				for _, other := range row {
					if other != v {
						t.Fatalf("%s: one picture has %g and %g", name, v, other)
					}
				}
			}
			counts[v]++
		}
		if training && (counts[0] < 70 || counts[2] < 70 || counts[0]+counts[2] != 200) || !training && counts[1] != 200 {
			t.Errorf("%s: %v", name, counts)
		}
	}
	c := Default()
	c.DropPath = 0.3
	net, err := NewNet(c)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0, 0.1, 0.2, 0.3} {
		if p := net.Encoder.Stack.Layers[i].drop.P; p < want-1e-9 || p > want+1e-9 {
			t.Errorf("layer %d is left out with probability %g, not %g", i, p, want)
		}
	}
}

func TestForwardRefuses(t *testing.T) {
	m, err := New(Tiny(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for want, shape := range map[string][]int{
		"pictures are [batch, height, width, 1]":          {1, 8, 8, 3},
		"width is 6: it must be a multiple of patch_size": {1, 8, 6, 1},
		"height is 10:": {1, 10, 8, 1},
	} {
		if _, err := m.probabilities(t.Context(), tensors.FromShape(shapes.Make(dtypes.Float32, shape...))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", shape, err)
		}
	}
}
