package vit

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/torch"
)

// TestInspect compares with what PyTorch made of transformers' attentions and positions.
func TestInspect(t *testing.T) {
	folder := "testdata/pretrained/vit"
	m, _, err := OpenPretrained(folder)
	if err != nil {
		t.Fatal(err)
	}
	expected, err := torch.Read(filepath.Join(folder, "expected.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) *tensors.Tensor {
		value, _ := expected.Get(name)
		x, err := value.ToGoMLX()
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	last, err := graph.CallOnce(m.run.Backend, channelsLast, read("pixel_values"))
	if err != nil {
		t.Fatal(err)
	}
	pictures := slices.Collect(slices.Chunk(tensors.MustCopyFlatData[float32](last), 8*8*3))
	rollout, err := m.Rollout(t.Context(), pictures)
	if err != nil {
		t.Fatal(err)
	}
	similarity, err := m.PositionSimilarity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][][]float32{"rollout": rollout, "similarity": similarity} {
		for i, row := range read(name).Value().([][]float32) {
			for j, want := range row {
				if math.Abs(float64(got[i][j]-want)) > 1e-5 {
					t.Fatalf("%s: [%d][%d] is %g, PyTorch has %g", name, i, j, got[i][j], want)
				}
			}
		}
	}
	if _, err := m.Rollout(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "no picture") {
		t.Errorf("error %v", err)
	}
	c := Tiny()
	c.Pool, c.Positions = Mean, None
	bare, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bare.PositionSimilarity(t.Context()); err == nil || !strings.Contains(err.Error(), `positions is "none"`) {
		t.Errorf("error %v", err)
	}
	if rows, err := bare.Rollout(t.Context(), [][]float32{make([]float32, 64)}); err != nil || len(rows[0]) != 4 {
		t.Errorf("%v, error %v", rows, err)
	}
}
