package train

import (
	"context"
	"path/filepath"
	"testing"
)

func TestRemembered(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	if total, err := Remembered(run, "plane", "Width", 7); total != 7 || err != nil {
		t.Errorf("no run: %d, %v", total, err)
	}
	if err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 2}), quiet(run, 1)); err != nil {
		t.Fatal(err)
	}
	if width, err := Remembered(run, "plane", "Width", 7); width != 64 || err != nil {
		t.Errorf("a run's field: %d, %v; want 64", width, err)
	}
	if x, err := Remembered(run, "plane", "Height", 7); x != 7 || err != nil {
		t.Errorf("a field that the run lacks: %d, %v", x, err)
	}
	if _, err := Remembered(run, "sphere", "Width", 7); err == nil {
		t.Error("another model's run is read")
	}
	if _, err := Remembered(run, "plane", "Width", "seven"); err == nil {
		t.Error("a number is read as a text")
	}
}
