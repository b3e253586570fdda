package metrics

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// A wave of five cycles a picture has its power there.
func TestSpectrum(t *testing.T) {
	const size = 32
	wave := make([]float32, 2*size*size)
	for i := range size * size {
		wave[2*i] = float32(math.Sin(2*math.Pi*(3*float64(i/size)+4*float64(i%size))/size)) + 7
		wave[2*i+1] = wave[2*i]
	}
	power, err := Spectrum([][]float32{wave}, size, 2)
	if err != nil {
		t.Fatal(err)
	}
	if largest := slices.Index(power, slices.Max(power)); largest != 5 || len(power) != size/2 || power[10] > 1e-6*power[5] {
		t.Errorf("the largest of %d is that of %d cycles: %v", len(power), largest, power)
	}
	if _, err := Spectrum([][]float32{wave[1:]}, size, 2); err == nil || !strings.Contains(err.Error(), "picture 0 has 2047 values") {
		t.Errorf("error %v", err)
	}
}
