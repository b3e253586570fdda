package train

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	if err != nil || !strings.Contains(summary, "step: upload and start") || !strings.Contains(summary, "in all") {
		t.Errorf("summary %q, %v", summary, err)
	}
}
