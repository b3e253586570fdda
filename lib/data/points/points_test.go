package points

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

func TestRing(t *testing.T) {
	m := Ring(8, 2, 0.02)
	points := m.Draw(4000, 1, 2)
	near := 0
	for i, n := range m.Modes(points) {
		if n < 400 || n > 600 {
			t.Errorf("mode %d has %d of 4000 points", i, n)
		}
		near += n
	}
	// 1 - exp(-9/2) of a plane's Gaussian lies within three standard deviations.
	if want := 4000 * (1 - math.Exp(-4.5)); math.Abs(float64(near)-want) > 40 {
		t.Errorf("%d points lie near a mode, want about %.0f", near, want)
	}
}

// The density's values are SciPy's: the mean of norm.pdf(0.5, [-2, 2], 0.5) and of two multivariate normals.
func TestDensity(t *testing.T) {
	for _, c := range []struct {
		m    Mixture
		x    []float64
		want float64
	}{
		{Line(0.5, -2, 2), []float64{0.5}, 0.0044333351},
		{Ring(2, 1, 1), []float64{0, 1}, 0.0585498315},
	} {
		if got := c.m.Density(c.x...); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v: %.10f, want %.10f", c.x, got, c.want)
		}
	}
}

func TestBatches(t *testing.T) {
	b := Batches{Mixture: Line(1, 0), Size: 5, Each: 3, Seed: 1}
	read := func(epoch, step int) []float32 {
		batch, err := b.Batch(epoch, step)
		if err != nil {
			t.Fatal(err)
		}
		return tensors.MustCopyFlatData[float32](batch[0])
	}
	if x := read(0, 1); len(x) != 5 || x[0] != read(0, 1)[0] || x[0] == read(0, 2)[0] || x[0] == read(1, 1)[0] {
		t.Error("batches depend on more, or on less, than epoch and step")
	}
	if _, err := (Batches{}).Batch(0, 0); err == nil {
		t.Error("no error without modes")
	}
}

func TestHistogram(t *testing.T) {
	x, density := Histogram([][]float32{{0.1}, {0.2}, {0.9}, {-5}}, 0, 1, 2)
	if x[0] != 0.25 || x[1] != 0.75 || density[0] != 1 || density[1] != 0.5 {
		t.Errorf("places %v, densities %v", x, density)
	}
}
