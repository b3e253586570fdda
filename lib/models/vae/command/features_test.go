package command

import (
	"strings"
	"testing"

	"genlab/lib/command/commandtest"
)

// TestFeatures runs the comparison with tiny trainings.
func TestFeatures(t *testing.T) {
	out, _, err := commandtest.Run(t.Context(), Model, "measure", "features", "--dims", "2", "--seeds", "2", "--epochs", "1", "--examples", "500", "--validation", "100", "--networks", "plain,beta")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[1], "PCA") || !strings.HasPrefix(lines[2], "plain") || !strings.Contains(lines[3], " ± ") {
		t.Errorf("%s", out)
	}
	if _, _, err := commandtest.Run(t.Context(), Model, "measure", "features", "--networks", "deep"); err == nil || !strings.Contains(err.Error(), `--networks has "deep"`) {
		t.Errorf("an unknown network: %v", err)
	}
}
