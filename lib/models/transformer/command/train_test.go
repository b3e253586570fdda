package command

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"genlab/lib/backend/backendtest"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

// said is what a verb prints.
func said(t *testing.T, cmd *cobra.Command, args ...string) string {
	t.Helper()
	var out strings.Builder
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return out.String()
}

func TestTrainTranslate(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	got := said(t, newTrain(), "--preset", "tiny", "--embed", "16", "--pairs", "200", "--held-out", "3", "--vocab", "200", "--epochs", "1", "--run", run)
	if !strings.Contains(got, "of the held-out texts translated word for word") || !strings.Contains(got, "next: genlab translate --run "+run) {
		t.Errorf("the training says %s", got)
	}
	if got := said(t, newTranslate(), "--run", run, "--max-tokens", "5", "--check", "4", "--digits", "3"); !strings.Contains(got, "of 4 numbers of 3 digits exact") {
		t.Errorf("the check says %s", got)
	}
	if got := said(t, newTranslate(), "--run", run, "--max-tokens", "5", "two books"); strings.Count(got, "\n") != 1 {
		t.Errorf("a translation is %q", got)
	}
}
