package train

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A damaged line, however long, is left out: the run goes on.
func TestDamagedMetrics(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	if err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 10}), quiet(run, 1)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(metricsPath(run))
	if err != nil {
		t.Fatal(err)
	}
	damaged := strings.Repeat("x", 100_000) + "\n" + string(text) + `{"step": 10, "ep`
	if err := os.WriteFile(metricsPath(run), []byte(damaged), 0o644); err != nil {
		t.Fatal(err)
	}
	if records, err := ReadMetrics(run); err != nil || len(records) != 2 { // of steps 1 and 10
		t.Errorf("%d records, %v; want 2", len(records), err)
	}
	if err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 10}), quiet(run, 2)); err != nil {
		t.Error(err)
	}
}
