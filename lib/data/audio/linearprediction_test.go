package audio

import (
	"math"
	"testing"
)

func TestLinearPredictionAsNumPy(t *testing.T) {
	g := readGolden(t)
	p := FitLinearPrediction(g.Sounds[:3], 4, 256)
	if got := p.Bits(g.Sounds[3:]); math.Abs(got-g.Bits) > 1e-3 {
		t.Errorf("%g bits, NumPy says %g", got, g.Bits)
	}
}
