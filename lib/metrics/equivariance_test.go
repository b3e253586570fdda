package metrics

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
)

// TestMovedPictures holds shifts and turns against NVIDIA's stylegan3 c233a919, metrics/equivariance.py, run with PyTorch 2.9.1 on a
// smooth random picture: its values and masks are in testdata/equivariance.json.
func TestMovedPictures(t *testing.T) {
	raw, err := os.ReadFile("testdata/equivariance.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Size    int
		Picture []float64
		Cases   []struct {
			Kind   string
			Args   []float64
			Values []float64
			Inside string
		}
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	p := plane{golden.Size, golden.Picture}
	for _, c := range golden.Cases {
		var got plane
		var inside []bool
		switch c.Kind {
		case "turn":
			got, inside = newAffine(c.Args[0]).apply(p)
		case "pseudo":
			got, inside = newPseudo(c.Args[0]).filtered(p)
		default:
			got, inside = p.shifted(c.Args[0], c.Args[1])
		}
		known := 0
		for i, in := range inside {
			if in != (c.Inside[i] == '1') {
				t.Fatalf("%s: place %d inside is %t", c.Kind, i, in)
			}
			if !in {
				continue
			}
			known++
			if math.Abs(got.values[i]-c.Values[i]) > 2e-5 {
				t.Fatalf("%s: place %d is %g, NVIDIA's %g", c.Kind, i, got.values[i], c.Values[i])
			}
		}
		if known == 0 {
			t.Errorf("%s: no place is known", c.Kind)
		}
	}
}

// waves is a generator that moves and turns exactly: a wave of low frequency over the whole plane.
func waves(_ context.Context, _, n int, x, y, angle float64) ([][]float32, error) {
	const size = 32
	sin, cos := math.Sincos(angle)
	list := make([][]float32, n)
	for i := range list {
		for row := range size {
			for column := range size {
				u, v := (float64(column)+0.5)/size-0.5-x, (float64(row)+0.5)/size-0.5-y
				u, v = cos*u-sin*v, sin*u+cos*v
				value := float32(0.5 + 0.4*math.Sin(2*math.Pi*(2*u+v+0.3)))
				list[i] = append(list[i], value, 1-value)
			}
		}
	}
	return list, nil
}

// TestEquivariance tells an exact generator from one that sticks to its places.
func TestEquivariance(t *testing.T) {
	exact, err := Equivariance{Size: 32, Channels: 2, Make: waves}.Measure(t.Context(), 2, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if exact.Shift < 100 || exact.FractionalShift < 40 || exact.Turn < 30 {
		t.Errorf("an exact generator has %+v dB", exact)
	}
	stuck := func(ctx context.Context, batch, n int, _, _, _ float64) ([][]float32, error) {
		return waves(ctx, batch, n, 0, 0, 0)
	}
	fixed, err := Equivariance{Size: 32, Channels: 2, Make: stuck}.Measure(t.Context(), 2, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if fixed.Shift > 20 || fixed.FractionalShift > 20 || fixed.Turn > 20 {
		t.Errorf("one that sticks has %+v dB", fixed)
	}
	wrong := errors.New("no pictures today")
	broken := func(context.Context, int, int, float64, float64, float64) ([][]float32, error) { return nil, wrong }
	if _, err := (Equivariance{Size: 32, Channels: 1, Make: broken}).Measure(t.Context(), 1, 1, 1); !errors.Is(err, wrong) {
		t.Errorf("error %v", err)
	}
	if _, err := (Equivariance{Size: 32, Channels: 1, Make: waves}).Measure(t.Context(), 0, 1, 1); err == nil || !strings.Contains(err.Error(), "must be at least 1") {
		t.Errorf("error %v", err)
	}
}
