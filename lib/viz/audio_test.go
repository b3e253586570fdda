package viz

import (
	"image"
	"math"
	"strings"
	"testing"
)

func TestAudioHTML(t *testing.T) {
	page, err := AudioHTML("<three>", []byte("RIFF and so on"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"&lt;three&gt;", `src="data:audio/wav;base64,UklGRiBhbmQgc28gb24="`, "controls"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s: %s", want, page)
		}
	}
	if strings.Contains(page, "http") {
		t.Errorf("the page asks for something outside: %s", page)
	}
	for what, wav := range map[string][]byte{"must begin with RIFF": []byte("ID3"), "play a part of it": append([]byte("RIFF"), make([]byte, maxPlayerBytes)...)} {
		if _, err := AudioHTML("x", wav); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("want an error that says %q, got %v", what, err)
		}
	}
}

func TestOver(t *testing.T) {
	img := Over([][]float64{{0, 1}, {2, 3}}, 1, 4000, PlotConfig{X: "seconds", Y: "Hz"})
	if err := Err(img); err != nil {
		t.Fatal(err)
	}
	// The last column's last row, the highest value, is yellow at the upper right.
	b := img.Bounds()
	if r, g, _, _ := img.At(b.Max.X-60, b.Min.Y+60).RGBA(); r>>8 < 200 || g>>8 < 200 {
		t.Errorf("the highest value is %v", img.At(b.Max.X-60, b.Min.Y+60))
	}
}

func TestSoundRefusals(t *testing.T) {
	for want, img := range map[string]image.Image{
		"at least 1 sample a second": Waveform([]float32{0, 1}, 0, PlotConfig{}),
		"there must be two at least": Over([][]float64{{1, 2}}, 1, 1, PlotConfig{}),
		"one length":                 Over([][]float64{{1, 2}, {1}}, 1, 1, PlotConfig{}),
		"must be finite":             Over([][]float64{{1, 2}, {1, math.NaN()}}, 1, 1, PlotConfig{}),
		"nothing to see":             Over([][]float64{{1, 1}, {1, 1}}, 1, 1, PlotConfig{}),
		"it must be at least 1":      Dilations([]int{1, 0}, PlotConfig{}),
		"at most 129 samples":        Dilations([]int{1, 1000}, PlotConfig{}),
	} {
		if err := Err(img); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error that says %q, got %v", want, err)
		}
	}
}
