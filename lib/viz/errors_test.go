package viz

import (
	"image"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

func TestBadInputSaysWhy(t *testing.T) {
	nan := float32(math.NaN())
	ok := discs(4, 8)
	for want, img := range map[string]image.Image{
		"no images":              Grid(Images{}, 8),
		"0 columns":              Grid(ok, 0),
		"not square":             Grid(Images{Pixels: [][]float32{make([]float32, 7)}}, 8),
		"no pixels":              Grid(Images{Pixels: [][]float32{{}}}, 8),
		"height 3 and width 0":   Grid(Images{Pixels: ok.Pixels, Height: 3}, 8),
		"2 channels":             Grid(Images{Pixels: ok.Pixels, Channels: 2}, 8),
		"image 0 has 64 values":  Grid(Images{Pixels: ok.Pixels, Height: 4, Width: 4}, 8),
		"no rows":                Compare(nil, 8),
		"-1 columns":             Compare([]Row{{"a", ok}}, -1),
		"row 1 (b) has 3 images": Compare([]Row{{"a", ok}, {"b", discs(3, 8)}}, 8),
		"row 1 (c) has images 9": Strip([]Row{{"a", ok}, {"c", discs(4, 9)}}),
		"4 images for a grid":    Manifold(ok, []float64{1, 2}, []float64{1}),
		"nothing to draw":        Curves([]Curve{{Y: []float64{math.NaN()}}}, PlotConfig{}),
		"above 0":                Curves([]Curve{{Y: []float64{-1, 0}}}, PlotConfig{LogY: true}),
		"1 curves without one":   Curves([]Curve{{X: []float64{-1, 0}, Y: []float64{1, 2}}}, PlotConfig{LogX: true}),
		"1 x values and 2 y":     Curves([]Curve{{X: []float64{1}, Y: []float64{1, 2}}}, PlotConfig{}),
		"without values":         Heatmap(nil, nil, nil, PlotConfig{}),
		"with 1 and 0 names":     Heatmap([][]float32{{1}, {2}}, []string{"a"}, nil, PlotConfig{}),
		"row 1 has 2 values":     Heatmap([][]float32{{1}, {2, 3}}, nil, nil, PlotConfig{}),
		"one finite":             Heatmap([][]float32{{nan}}, nil, nil, PlotConfig{}),
		"no points":              Scatter(nil, Classes{}, PlotConfig{}),
		"point 0 has 1":          Scatter([][]float32{{1}}, Classes{}, PlotConfig{}),
		"point 1 is (NaN, 0)":    Scatter([][]float32{{0, 0}, {nan, 0}}, Classes{}, PlotConfig{}),
		"classes of 1":           Scatter([][]float32{{0, 0}, {1, 0}}, ClassesOf([]byte{1}), PlotConfig{}),
		"a scatter with log":     Scatter([][]float32{{1, 1}}, Classes{}, PlotConfig{LogX: true}),
		"a heatmap with log":     Heatmap([][]float32{{1}}, nil, nil, PlotConfig{LogY: true}),
		"a forecast with log":    Forecast(nil, []float64{1, 2}, Fan{}, PlotConfig{LogY: true}),
		"a correlogram with log": Correlogram([]float64{1, 0.5}, 10, PlotConfig{LogY: true}),
		"class 2":                Scatter([][]float32{{0, 0}}, ClassesOf([]int{2}, "a", "b"), PlotConfig{}),
	} {
		err := Err(img)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if err := Save(filepath.Join(t.TempDir(), "never.png"), img); err == nil {
			t.Errorf("%q was saved", want)
		}
		if img.Bounds().Dx() < 100 {
			t.Errorf("%q: picture of size %v", want, img.Bounds())
		}
	}
	if Err(nil) == nil || Show(nil) == nil {
		t.Error("nil is a picture")
	}
	golden(t, "error", fail(Err(Grid(Images{Pixels: [][]float32{make([]float32, 7)}}, 8))).(failed).Image)
}

// Odd but valid data must draw.
func TestHardInput(t *testing.T) {
	spike := make([]float64, 50000)
	spike[31234] = 1e300
	for name, img := range map[string]image.Image{
		"one value":           Curves([]Curve{{Y: []float64{3}}}, PlotConfig{}),
		"one value, log":      Curves([]Curve{{Y: []float64{3}}}, PlotConfig{LogY: true}),
		"one place, both log": Curves([]Curve{{X: []float64{3}, Y: []float64{3}}}, PlotConfig{LogX: true, LogY: true}),
		"constant, log":       Curves([]Curve{{Y: []float64{1e-9, 1e-9}}}, PlotConfig{LogY: true}),
		"many decades":        Curves([]Curve{{Y: []float64{1e-200, 1e200}}}, PlotConfig{LogY: true}),
		"large and close":     Curves([]Curve{{Y: []float64{1e17, 1e17 + 32}}}, PlotConfig{}),
		"spike":               Curves([]Curve{{Y: spike}}, PlotConfig{}),
		"no names":            Curves([]Curve{{Y: []float64{1, 2}}}, PlotConfig{}),
		"one point":           Scatter([][]float32{{1, 1}}, Classes{}, PlotConfig{}),
		"huge":                Scatter([][]float32{{math.MaxFloat32, 1}, {-math.MaxFloat32, 1}}, Classes{}, PlotConfig{}),
		"wide images":         Grid(Images{Pixels: [][]float32{make([]float32, 3000)}, Height: 2, Width: 1500}, 3),
		"constant":            Heatmap([][]float32{{1, 1}}, []string{"a"}, nil, PlotConfig{}),
		"large matrix":        Heatmap(attention(1200), nil, nil, PlotConfig{}),
		"long titles":         Heatmap([][]float32{{1}}, []string{"a"}, []string{"a rather long name of a column"}, PlotConfig{Title: strings.Repeat("long ", 60), Y: strings.Repeat("long ", 60)}),
		"many columns":        Manifold(discs(900, 4), make([]float64, 90), make([]float64, 10)),
	} {
		if err := Err(img); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestThinKeepsSpikes(t *testing.T) {
	c := Curve{Y: make([]float64, 50000)}
	c.Y[31234], c.Y[17] = 9, -4
	run := thin(c.runs(false, false)[0])
	low, high := 0., 0.
	for i, p := range run {
		low, high = min(low, p.Y), max(high, p.Y)
		if i > 0 && p.X < run[i-1].X {
			t.Fatalf("point %d goes back to %g", i, p.X)
		}
	}
	if low != -4 || high != 9 || len(run) > 2000 {
		t.Errorf("range %g to %g in %d points", low, high, len(run))
	}
}
