package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestKeepBest(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	if err := LoadBest(run, func(string) error { return errors.New("called") }); err != nil {
		t.Errorf("a run without best weights: %v", err)
	}
	losses, epoch := []float64{3, 2, 2, 4, 1}, 0
	var kept []int
	j := job(t, defaultConfig(), points{steps: 2})
	j.Evaluate = func(context.Context) ([]Metric, error) {
		loss := losses[epoch]
		epoch++
		return []Metric{{"validation_loss", loss}}, KeepBest(run, "validation_loss", loss, func(path string) error {
			kept = append(kept, epoch)
			return os.WriteFile(path, nil, 0o644)
		})
	}
	if err := runJob(t, context.Background(), j, quiet(run, 5)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(kept, []int{1, 2, 5}) { // an equal one doesn't replace
		t.Errorf("the weights of epochs %v were kept", kept)
	}
	loaded := ""
	if err := LoadBest(run, func(path string) error { loaded = path; return nil }); err != nil || loaded != BestFile(run) {
		t.Errorf("loaded %q, %v", loaded, err)
	}
}
