package augment

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestChange(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	picture := lines(1).Pixels[0]
	if got := (Classic{}).Change(picture, Size, 1, r); !slices.Equal(got, picture) {
		t.Error("nothing to change changes the picture")
	}
	other := 0
	for range 50 {
		got := DefaultClassic().Change(picture, Size, 1, r)
		if low, high := slices.Min(got), slices.Max(got); low < 0 || high > 1 {
			t.Fatalf("values from %g to %g", low, high)
		}
		if !slices.Equal(got, picture) {
			other++
		}
	}
	if other != 50 {
		t.Errorf("%d of 50 pictures are changed", other)
	}
}

// Each change moves a spot by at most what it says: the spot is where its light's centre is.
func TestChangeMoves(t *testing.T) {
	spot := func(x, y int) []float32 {
		p := make([]float32, Size*Size)
		for dy := range 3 {
			for dx := range 3 {
				p[(y+dy-1)*Size+x+dx-1] = 1
			}
		}
		return p
	}
	centre := func(p []float32) (x, y float64) {
		var sum float64
		for i, v := range p {
			sum, x, y = sum+float64(v), x+float64(v)*float64(i%Size), y+float64(v)*float64(i/Size)
		}
		return x / sum, y / sum
	}
	r := rand.New(rand.NewPCG(2, 2))
	for name, c := range map[string]struct {
		Classic
		least, most float64 // of the largest move in 200 trials, in pixels
	}{
		"shift": {Classic{Shift: 0.1}, 3, 0.1 * Size * math.Sqrt2},
		"turn":  {Classic{Turn: 30}, 2.5, 5.5 * math.Sqrt2 * 2 * math.Sin(15*math.Pi/180) * 1.05},
		"zoom":  {Classic{Zoom: 0.2}, 1, 5.5 * math.Sqrt2 * 0.2 * 1.1},
		"flip":  {Classic{Flip: true}, 10.9, 11.1},
	} {
		largest := 0.0
		for range 200 {
			x, y := centre(c.Change(spot(21, 21), Size, 1, r))
			largest = max(largest, math.Hypot(x-21, y-21))
		}
		if !(largest >= c.least && largest <= c.most) { // NaN where the spot is gone
			t.Errorf("%s moves a spot by up to %.2f pixels, not %.2f to %.2f", name, largest, c.least, c.most)
		}
	}
}

func TestClassicRefuses(t *testing.T) {
	for want, c := range map[string]Classic{"shift is 2: it must be 0 to 1": {Shift: 2}, "turn is -1": {Turn: -1}, "zoom is NaN": {Zoom: math.NaN()}} {
		if err := c.validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
