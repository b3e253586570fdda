package audio

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// TestSpectrum compares spectrogram, mel bands and decibels with librosa's.
func TestSpectrum(t *testing.T) {
	var want struct {
		Rate, Window, Hop    int
		Samples              []float32
		Power, Mel, Decibels [][]float64
	}
	text, err := os.ReadFile("testdata/spectrum.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	powers, err := Spectrogram(want.Samples, SpectrumConfig{Window: want.Window, Hop: want.Hop})
	if err != nil {
		t.Fatal(err)
	}
	closeRows(t, "power", powers, want.Power, 1e-4)
	mel, err := Mel(powers, want.Rate, len(want.Mel[0]))
	if err != nil {
		t.Fatal(err)
	}
	closeRows(t, "mel", mel, want.Mel, 1e-4)
	closeRows(t, "decibels", Decibels(powers, -60), want.Decibels, 1e-2)
}

// closeRows allows so much of 1, or of the value where that is more.
func closeRows(t *testing.T, what string, got, want [][]float64, allowed float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d frames, want %d", what, len(got), len(want))
	}
	for i := range want {
		if len(got[i]) != len(want[i]) {
			t.Fatalf("%s: frame %d has %d values, want %d", what, i, len(got[i]), len(want[i]))
		}
		for j, w := range want[i] {
			if math.Abs(got[i][j]-w) > allowed*max(1, math.Abs(w)) {
				t.Errorf("%s[%d][%d] is %g, librosa's %g", what, i, j, got[i][j], w)
			}
		}
	}
}

func TestSpectrumRefusals(t *testing.T) {
	if _, err := Spectrogram(make([]float32, 10), SpectrumConfig{Window: 16, Hop: 4}); err == nil {
		t.Error("a sound shorter than a window is accepted")
	}
	if _, err := Spectrogram(make([]float32, 10), SpectrumConfig{Window: 8}); err == nil {
		t.Error("no hop is accepted")
	}
	if _, err := Mel(nil, 8000, 10); err == nil {
		t.Error("no frame is accepted")
	}
}
