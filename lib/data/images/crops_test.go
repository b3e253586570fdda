package images

import (
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

func TestCrops(t *testing.T) {
	p := Photo{Height: 9, Width: 12, Pixels: make([]float32, 3*9*12)}
	for i := range p.Pixels {
		p.Pixels[i] = float32(i/3%12) / 12 // grey that grows to the right
	}
	cut := CropConfig{Size: 4, Batch: 3, Steps: 2, Seed: 1}
	c, err := NewCrops([]Photo{p}, cut)
	if err != nil {
		t.Fatal(err)
	}
	read := func(epoch, step int) []float32 {
		batch, err := c.Batch(epoch, step)
		if err != nil || !slices.Equal(batch[0].Shape().Dimensions, []int{3, 4, 4, 3}) {
			t.Fatalf("%v, %v", batch[0].Shape(), err)
		}
		return tensors.MustCopyFlatData[float32](batch[0])
	}
	a := read(0, 1)
	if !slices.Equal(a, read(0, 1)) || slices.Equal(a, read(1, 1)) || slices.Equal(a, read(0, 0)) {
		t.Error("a batch is another when read twice, or the same at another place")
	}
	mirrored := 0
	for step := range 40 {
		for piece := range slices.Chunk(read(2, step), 48) {
			if up := piece[3] > piece[0]; !up {
				mirrored++
			}
			for i := range 16 {
				if piece[3*i] != piece[3*i+1] || piece[3*i] != piece[3*(i%4)] {
					t.Fatalf("a piece of vertical stripes is %v", piece)
				}
			}
		}
	}
	if mirrored < 30 || mirrored > 90 {
		t.Errorf("%d of 120 pieces are mirrored", mirrored)
	}
	for want, change := range map[string]func(*CropConfig){
		"Size of crops is 0":         func(c *CropConfig) { c.Size = 0 },
		"Batch of crops is -1":       func(c *CropConfig) { c.Batch = -1 },
		"photograph 1 is 12x9: it m": func(c *CropConfig) { c.Size = 10 },
	} {
		bad := cut
		change(&bad)
		if _, err := NewCrops([]Photo{p}, bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := NewCrops(nil, cut); err == nil || !strings.Contains(err.Error(), "there is no photograph") {
		t.Errorf("no photographs: %v", err)
	}
}
