package command

import (
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/command/commandtest"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

// said is what a command line prints.
func said(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, err := commandtest.Run(t.Context(), Model, args...)
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return stdout + stderr
}

func TestTrainTranslate(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	got := said(t, "train", "translator", "--preset", "tiny", "--embed", "16", "--pairs", "200", "--held-out", "3", "--vocab", "200", "--epochs", "1", "--run", run)
	if !strings.Contains(got, "of the held-out texts translated word for word") || !strings.Contains(got, "next: genlab translate --run "+run) {
		t.Errorf("the training says %s", got)
	}
	if got := said(t, "translate", "--run", run, "--max-tokens", "5", "--check", "4", "--digits", "3"); !strings.Contains(got, "of 4 numbers of 3 digits exact") {
		t.Errorf("the check says %s", got)
	}
	if got := said(t, "translate", "--run", run, "--max-tokens", "5", "two books"); strings.Count(got, "\n") != 1 {
		t.Errorf("a translation is %q", got)
	}
}
