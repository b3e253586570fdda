package viz

import (
	"image/color"
	"testing"
)

func TestPlain(t *testing.T) {
	p := Plain(Images{Pixels: [][]float32{{1, 0, 0, 0, 0.5, 2}}, Height: 1, Width: 2, Channels: 3})
	if err := Err(p); err != nil || p.Bounds().Dx() != 2 || p.Bounds().Dy() != 1 {
		t.Fatalf("%v, %v", p.Bounds(), err)
	}
	if got, want := p.At(1, 0), (color.RGBA{0, 128, 255, 255}); got != want {
		t.Errorf("the second pixel is %v, not %v", got, want)
	}
	if err := Err(Plain(Images{Pixels: [][]float32{{1}, {0}}})); err == nil {
		t.Error("two pictures are drawn as one")
	}
}
