package mnist

import (
	"math"
	"testing"
)

// TestCentered draws a small bar in a corner: it must come out 20 high, in the middle, as MNIST's own digits are.
func TestCentered(t *testing.T) {
	drawing := make([]float32, 28*28)
	for y := 1; y < 6; y++ {
		drawing[y*28+2] = 1
	}
	out := Centered(drawing)
	var mass, cx, cy float64
	top, bottom := 28, -1
	for y := range 28 {
		for x := range 28 {
			v := float64(out[y*28+x])
			mass += v
			cx += v * (float64(x) + 0.5)
			cy += v * (float64(y) + 0.5)
			if v >= 0.5 {
				top, bottom = min(top, y), max(bottom, y)
			}
		}
	}
	if math.Abs(cx/mass-14) > 0.3 || math.Abs(cy/mass-14) > 0.3 || bottom-top+1 != 20 {
		t.Errorf("centre (%.2f, %.2f), rows %d to %d; want the middle and 20 rows", cx/mass, cy/mass, top, bottom)
	}
	for _, v := range Centered(make([]float32, 28*28)) {
		if v != 0 {
			t.Fatal("an empty drawing is empty")
		}
	}
}

// TestCenteredKeepsMNIST compares it with the data set itself, whose digits are prepared already.
func TestCenteredKeepsMNIST(t *testing.T) {
	data, err := Load(Config{})
	if err != nil {
		t.Skip(err)
	}
	some, err := data.Test.Slice(0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, x := range some.Floats() {
		for i, v := range Centered(x) {
			sum += math.Abs(float64(v - x[i]))
		}
	}
	if mean := sum / 100 / 784; mean > 0.07 {
		t.Errorf("MNIST's own digits change by %.3f a pixel", mean)
	}
}
