package command

import (
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/command/commandtest"
)

// Five tiny trainings are fitted by the law and a sixth tests it; the second time all are taken from their runs.
func TestScale(t *testing.T) {
	run := filepath.Join(t.TempDir(), "scale")
	args := []string{
		"measure", "scale", "--models", "1x8,1x16,2x8", "--steps", "2,4", "--beyond", "2x16", "--batch", "2", "--run", run,
	}
	out, _, err := commandtest.Run(t.Context(), Model, args...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1x8    792", "alpha", "2x16, 6", "tokens: the law says"} {
		if !strings.Contains(out, want) {
			t.Errorf("it lacks %q:\n%s", want, out)
		}
	}
	again, _, err := commandtest.Run(t.Context(), Model, args...)
	if err != nil || again != out {
		t.Errorf("again: %v\n%s", err, again)
	}
	for want, wrong := range map[string][]string{
		"must be layers x width": {"--models", "big"},
		"it must be at least 5":  {"--models", "1x8", "--steps", "2"},
		"each at least 1":        {"--steps", "0"},
	} {
		if _, _, err := commandtest.Run(t.Context(), Model, append(append([]string{}, args...), wrong...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}
