package train

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/renameio/v2"
)

// What a killed training didn't get to rename goes when the next one starts; whatever else lies in the run stays.
func TestSweep(t *testing.T) {
	run := filepath.Join(t.TempDir(), "a[b]*") // no pattern
	if err := os.MkdirAll(filepath.Join(run, "checkpoints"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"checkpoints/step-000000001.safetensors", "checkpoints/step-000000001.safetensors.sha256", "config.json", "metrics.jsonl", bestName} {
		f, err := renameio.NewPendingFile(filepath.Join(run, name), renameio.WithTempDir(filepath.Dir(filepath.Join(run, name))))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil { // and not renamed
			t.Fatal(err)
		}
	}
	own := filepath.Join(run, ".notes")
	if err := os.WriteFile(own, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 1}), quiet(run, 1)); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{run, filepath.Join(run, "checkpoints")} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if name := e.Name(); strings.HasPrefix(name, ".") && name != ".lock" && name != ".notes" {
				t.Errorf("%s is left", filepath.Join(dir, name))
			}
		}
	}
	if _, err := os.Stat(own); err != nil {
		t.Error(err)
	}
}
