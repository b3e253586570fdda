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

// TestAttentionDistance counts by hand: on a grid of two by two, who looks at all alike looks (0+1+1+√2)/4 patches far.
func TestAttentionDistance(t *testing.T) {
	alike := make([][]float32, 4)
	for i := range alike {
		alike[i] = []float32{0.2, 0.2, 0.2, 0.2, 0.2} // a class token, then four patches
	}
	if got, want := distance(alike, 1, 2), (2+math.Sqrt2)/4; math.Abs(got-want) > 1e-6 {
		t.Errorf("%g, want %g", got, want)
	}
	m, err := New(Tiny(), 1)
	if err != nil {
		t.Fatal(err)
	}
	picture := make([]float32, 64)
	for i := range picture {
		picture[i] = float32(i%7) / 7
	}
	layers, err := m.Attention(t.Context(), picture)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range layers[1][1] {
		var sum float32
		for _, p := range row {
			sum += p
		}
		if math.Abs(float64(sum-1)) > 1e-5 {
			t.Errorf("a row of attention sums to %g", sum)
		}
	}
	far, err := m.AttentionDistance(t.Context(), [][]float32{picture, picture})
	if err != nil || math.Abs(far[1][0]-4*distance(layers[1][0][1:], 1, 2)) > 1e-6 {
		t.Errorf("%v, error %v", far, err)
	}
	filters, err := m.Filters(t.Context())
	if err != nil || len(filters) != 16 || len(filters[0]) != 16 {
		t.Errorf("filters of %d, error %v", len(filters), err)
	}
}
