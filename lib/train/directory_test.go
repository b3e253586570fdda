package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
)

// refusing has batches, but gives none.
type refusing struct{ points }

func (refusing) Batch(int, int) ([]*tensors.Tensor, error) { return nil, errors.New("no picture") }

func TestRefusedTrainingLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	if err := os.Mkdir(there, 0o755); err != nil {
		t.Fatal(err)
	}
	for run, kept := range map[string]bool{filepath.Join(dir, "new"): false, there: true} {
		o := quiet(run, 1)
		o.Profile = true
		if err := runJob(t, context.Background(), job(t, defaultConfig(), refusing{points{steps: 5}}), o); err == nil {
			t.Fatal("it trained")
		}
		entries, err := os.ReadDir(run)
		if kept && (err != nil || len(entries) > 0) || !kept && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s holds %v, %v", run, entries, err)
		}
	}

	// What has trained stays, and so does a run that is only resumed.
	run := filepath.Join(dir, "run")
	if err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 5}), quiet(run, 1)); err != nil {
		t.Fatal(err)
	}
	if err := runJob(t, context.Background(), job(t, defaultConfig(), refusing{points{steps: 5}}), quiet(run, 2)); err == nil {
		t.Fatal("it trained")
	}
	other := defaultConfig()
	other.Width++
	if err := runJob(t, context.Background(), job(t, other, points{steps: 5}), quiet(run, 2)); err == nil {
		t.Fatal("it trained")
	}
	if err := ReadConfig(run, "plane", &other); err != nil || other != defaultConfig() {
		t.Errorf("after a refusal the run's config is %+v, %v", other, err)
	}
	if _, step, err := newestCheckpoint(run, func(string) {}); step != 5 || err != nil {
		t.Errorf("after a refusal the run's checkpoint is of step %d, %v", step, err)
	}
}

// Pipes in the place of files are refused: reading them would wait for ever.
func TestPipesAreRefused(t *testing.T) {
	for _, name := range []string{"config.json", "metrics.jsonl", ".lock"} {
		run := t.TempDir()
		if err := syscall.Mkfifo(filepath.Join(run, name), 0o644); err != nil {
			t.Skip("no pipes here: ", err)
		}
		ended := make(chan error, 1)
		go func() {
			ended <- runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 1}), quiet(run, 1))
		}()
		select {
		case err := <-ended:
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s is a pipe: %v", name, err)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s is a pipe, and the training hangs", name)
		}
	}
}

func TestSamplesAreNoLink(t *testing.T) {
	run, elsewhere := t.TempDir(), t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(run, "samples")); err != nil {
		t.Fatal(err)
	}
	err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 1}), quiet(run, 1))
	if err == nil || !strings.Contains(err.Error(), "samples is a link") {
		t.Errorf("got %v", err)
	}
}
