package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/command/commandtest"
)

func TestMain(m *testing.M) { backendtest.OnGo(m) }

// TestTrain trains on a few digits and translates.
func TestTrain(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	out, _, err := commandtest.Run(t.Context(), Model, "train", "cyclegan", "--preset", "tiny", "--digits", "8", "--epochs", "1", "--run", run)
	if err != nil || !strings.Contains(out, "genlab sample cyclegan --run "+run) {
		t.Fatalf("%v\n%s", err, out)
	}
	picture := filepath.Join(t.TempDir(), "translated.png")
	if out, _, err := commandtest.Run(t.Context(), Model, "sample", "cyclegan", "--run", run, "-n", "2", "--out", picture); err != nil || !strings.Contains(out, picture) {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, path := range []string{picture, filepath.Join(run, "samples", "epoch-001.png")} {
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestTrainRefuses(t *testing.T) {
	for want, args := range map[string][]string{
		"both must be given":     {"--a", t.TempDir()},
		"--digits is 90000":      {"--digits", "90000"},
		"size is 30":             {"--size", "30"},
		"--classifier-a: no run": {"--classifier-a", t.TempDir()},
	} {
		args = append([]string{"train", "cyclegan", "--run", filepath.Join(t.TempDir(), "run")}, args...)
		if _, _, err := commandtest.Run(t.Context(), Model, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
