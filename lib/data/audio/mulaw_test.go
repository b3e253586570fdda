package audio

import (
	"math"
	"testing"
)

func TestMuLaw(t *testing.T) {
	g := readGolden(t)
	for i, x := range g.X {
		if got := MuLaw(float32(x), 256); got != g.Codes[i] {
			t.Errorf("%g has code %d, NumPy says %d", x, got, g.Codes[i])
		}
	}
	for code, want := range g.Decoded {
		if got := Linear(int32(code), 256); math.Abs(float64(got)-want) > 1e-6 {
			t.Errorf("code %d is %g, NumPy says %g", code, got, want)
		}
		if back := MuLaw(Linear(int32(code), 256), 256); back != int32(code) {
			t.Errorf("code %d comes back as %d", code, back)
		}
	}
	if MuLaw(7, 256) != 255 || MuLaw(-7, 256) != 0 {
		t.Error("louder than 1 isn't 1")
	}
}
