package train

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"genlab/lib/backend"
)

func TestProfile(t *testing.T) {
	b, err := backend.Open()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	opts := Options{Run: dir, Epochs: 2, Profile: true, Watch: func(Progress) {}}
	if err := Run(t.Context(), b, job(t, defaultConfig(), points{steps: 5}), opts); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, traceName))
	if err != nil {
		t.Fatal(err)
	}
	var trace struct {
		TraceEvents []struct {
			Ph, Name string
			Tid      int
			Ts, Dur  float64
		}
	}
	if err := json.Unmarshal(raw, &trace); err != nil {
		t.Fatalf("the trace is no JSON: %v\n%s", err, raw)
	}
	count, last := map[string]int{}, 0.0
	for _, e := range trace.TraceEvents {
		if e.Ph != "X" {
			continue
		}
		count[e.Name]++
		if e.Tid == trainingTrack && e.Name != "save a checkpoint" {
			if e.Dur < 0 || e.Ts < last {
				t.Errorf("%s begins at %v, before the end of what came before, %v", e.Name, e.Ts, last)
			}
			last = e.Ts + e.Dur
		}
	}
	for name, want := range map[string]int{
		"first step: trace and compile": 1, "step: upload and start": 9, "step: compute, read the metrics": 10,
		"make a batch": 10, "measure and sample after an epoch": 2, "save a checkpoint": 2,
	} {
		if count[name] != want {
			t.Errorf("%q stands %d times in the trace; want %d", name, count[name], want)
		}
	}
	summary, err := Profile(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"step: upload and start", "in all", "hidden  ", "out  ", "loss and update", "the step"} {
		if !strings.Contains(summary, "\n"+line) {
			t.Errorf("the summary has no line for %q:\n%s", line, summary)
		}
	}

	plain := Options{Run: t.TempDir(), Epochs: 2, Watch: func(Progress) {}}
	if err := Run(t.Context(), b, job(t, defaultConfig(), points{steps: 5}), plain); err != nil {
		t.Fatal(err)
	}
	if got, want := losses(t, dir), losses(t, plain.Run); !slices.Equal(got, want) {
		t.Errorf("losses %v with a profile, %v without", got, want)
	}
}

func losses(t *testing.T, run string) []float64 {
	t.Helper()
	records, err := ReadMetrics(run)
	if err != nil {
		t.Fatal(err)
	}
	_, values := Series(records, "loss")
	return values
}

func TestPiecesOf(t *testing.T) {
	names := []string{"wte", "h.0.ln", "h.0.mlp.in", "h.0.mlp.out", "h.1.ln", "h.1.mlp.in", "wte"}
	want := []piece{{"wte", 1}, {"h.0.ln", 2}, {"h.0.mlp.in", 3}, {"h.0.mlp.out", 4}, {"h.1.ln", 5}, {"h.1.mlp.in", 6}, {"wte", 7}}
	if got := piecesOf(names); !slices.Equal(got, want) {
		t.Errorf("few layers: %v; want each by itself, %v", got, want)
	}
	names = nil
	for i := range mostLayers {
		names = append(names, fmt.Sprintf("h.%d.in", i), fmt.Sprintf("h.%d.out", i))
	}
	got := piecesOf(names)
	if len(got) != mostLayers || got[1] != (piece{"h.1", 4}) {
		t.Errorf("many layers: %v; want a piece a block", got)
	}
}

func TestLayerTable(t *testing.T) {
	ms := time.Millisecond
	got := layerTable([]piece{{"g", 1}, {"d", 3}, {"g", 4}}, []time.Duration{2 * ms, 5 * ms, 4 * ms}, 10*ms)
	for _, line := range []string{"g 2 2.000 20.0%", "d 1 2.000 20.0%", "loss and update 1 6.000 60.0%", "the step 10.000"} {
		if !strings.Contains(strings.Join(strings.Fields(got), " "), line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
}
