package stylegan

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// A picture moved by whole pixels is the picture moved, of T; turned by a quarter, of R: what the waves at the input do, all layers keep.
func TestGenerateMovesAndTurns(t *testing.T) {
	c := Config{Kind: R, Size: 16, Channels: 1, Z: 4, W: 4, Base: 64, Most: 8, Layers: 4, Margin: 10}
	m, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	z, err := m.Noise(t.Context(), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	look := func(l Look) []float32 {
		t.Helper()
		pictures, err := m.Generate(t.Context(), Points{Z: z}, l)
		if err != nil {
			t.Fatal(err)
		}
		return pictures[0]
	}
	n := c.Size
	plain, moved, turned := look(Look{}), look(Look{X: 2. / 16, Y: -1. / 16}), look(Look{Turn: 90})
	signal, shifted, quarter := 0.0, 0.0, 0.0
	for y := 3; y < n-3; y++ {
		for x := 3; x < n-3; x++ {
			signal += sq(plain[y*n+x] - plain[n*n/2])
			shifted += sq(moved[y*n+x] - plain[(y+1)*n+x-2])
			quarter += sq(turned[y*n+x] - plain[x*n+n-1-y]) // against the clock: what is at the right comes to the top
		}
	}
	if shifted > 1e-3*signal || quarter > 1e-2*signal {
		t.Errorf("moved off by %g, turned by %g of %g", shifted, quarter, signal)
	}
}

// With a wider margin a picture is the same but near its edges.
func TestWithMargin(t *testing.T) {
	m, err := New(Tiny(), 1)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := m.WithMargin(10)
	if err != nil {
		t.Fatal(err)
	}
	wider, err := wide.WithMargin(12)
	if err != nil {
		t.Fatal(err)
	}
	z, err := m.Noise(t.Context(), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	var pictures [][]float32
	for _, m := range []*Model{m, wide, wider} {
		made, err := m.Generate(t.Context(), Points{Z: z}, Look{})
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, made[0])
	}
	differ := func(a, b []float32) (sum float64) {
		for i := range a {
			sum += sq(a[i] - b[i])
		}
		return sum
	}
	if narrow, broad := differ(pictures[0], pictures[1]), differ(pictures[1], pictures[2]); !(broad < 0.01*narrow) {
		t.Errorf("from a margin of 2 to 10 the picture changes by %g, from 10 to 12 by %g: it should be far less", narrow, broad)
	}
	if _, err := m.WithMargin(-1); err == nil || !strings.Contains(err.Error(), "margin_size is -1") {
		t.Errorf("error %v", err)
	}
}

func sq(v float32) float64 { return float64(v) * float64(v) }

func TestGenerate(t *testing.T) {
	c := Tiny()
	c.Classes, c.Kind = 2, StyleGAN2
	m, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	z, err := m.Noise(t.Context(), 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	generate := func(p Points, l Look) [][]float32 {
		t.Helper()
		pictures, err := m.Generate(t.Context(), p, l)
		if err != nil {
			t.Fatal(err)
		}
		return pictures
	}
	labels := []int{0, 1, 0}
	whole := generate(Points{Z: z, Labels: labels}, Look{})
	if one := generate(Points{Z: z[:1], Labels: labels[:1]}, Look{}); !near(one[0], whole[0]) {
		t.Error("a point has another picture alone than among others")
	}
	if other := generate(Points{Z: z[:1], Labels: []int{1}}, Look{}); slices.Equal(other[0], whole[0]) {
		t.Error("two classes of one point are one")
	}
	fine := Points{Z: z[:1], Labels: labels[:1], Fine: z[2:3]}
	if first := generate(fine, Look{}); !near(first[0], whole[2]) {
		t.Error("fine styles from layer 0 on aren't those of the fine point")
	}
	fine.From = 100
	if first := generate(fine, Look{}); !near(first[0], whole[0]) {
		t.Error("fine styles after the last layer change the picture")
	}
	if mean := generate(Points{Z: z, Labels: labels}, Look{Truncate: 1}); !near(mean[0], mean[1]) || near(mean[0], whole[0]) {
		t.Error("truncated wholly, two points give two pictures, or what isn't truncated is the mean")
	}
	for want, p := range map[string]Points{
		"no latent point":     {},
		"has 1 values":        {Z: [][]float32{{1}}, Labels: []int{0}},
		"1 labels for 3":      {Z: z, Labels: []int{0}},
		"label 0 is 2":        {Z: z[:1], Labels: []int{2}},
		"2 fine points for 3": {Z: z, Labels: labels, Fine: z[:2]},
	} {
		if _, err := m.Generate(t.Context(), p, Look{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestFeatures(t *testing.T) {
	for _, kind := range []Kind{T, StyleGAN2} {
		c := Tiny()
		c.Kind = kind
		m, err := New(c, 1)
		if err != nil {
			t.Fatal(err)
		}
		z, err := m.Noise(t.Context(), 1, 2)
		if err != nil {
			t.Fatal(err)
		}
		features, err := m.Features(t.Context(), z[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range features {
			if len(f.Values) != f.Size*f.Size*f.Channels || (kind == T) != (f.Rate > 0) {
				t.Errorf("%s: %d values, rate %d", f.Name, len(f.Values), f.Rate)
			}
		}
		if last := features[len(features)-1]; kind == T && (len(features) != c.Layers+1 || last.Channels != c.Channels || last.Cutoff != 8 || last.Rate != 16) {
			t.Errorf("%d layers, the last %s of cutoff %g, rate %d", len(features), last.Name, last.Cutoff, last.Rate)
		}
		if _, err := m.Features(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "has 0 values") {
			t.Errorf("error %v", err)
		}
	}
}

func near(a, b []float32) bool {
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > 1e-5 {
			return false
		}
	}
	return true
}
