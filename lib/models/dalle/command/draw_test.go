package command

import (
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/command/commandtest"
	"genlab/lib/data/scenes"
	"genlab/lib/models/dalle"
	"genlab/lib/train"
)

func TestMain(m *testing.M) { backendtest.OnGo(m) }

// trained is a run of a step or two of both stages.
func trained(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	quiet := func(run string) train.Options {
		return train.Options{Run: filepath.Join(dir, run), Epochs: 1, Watch: func(train.Progress) {}}
	}
	first := dalle.DVAERecipe()
	first.Model, first.WarmUp, first.Options = dalle.TinyDVAE(), 1, quiet("dvae")
	first.Model.Size = 32
	if _, err := dalle.TrainDVAE(t.Context(), first, scenes.Batches{Pixels: 32, Size: 2, Each: 2, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	second := dalle.Recipe()
	second.Model, second.DVAE, second.WarmUp, second.Options = dalle.Tiny(), first.Run, 1, quiet("dalle")
	second.Model.Words, second.Model.TextLength = scenes.Words(), scenes.Longest
	if _, err := dalle.Train(t.Context(), second, scenes.Batches{Pixels: 32, Size: 2, Each: 2, Seed: 1, Texts: true}); err != nil {
		t.Fatal(err)
	}
	return second.Run
}

func TestDraw(t *testing.T) {
	run, dir := trained(t), t.TempDir()
	out := filepath.Join(dir, "drawn.png")
	text, _, err := commandtest.Run(t.Context(), Model, "draw", "a red circle", "Красный круг", "--run", run, "-n", "2", "--out", out)
	if err != nil || !strings.Contains(text, "of 2 show: a red circle") || !strings.Contains(text, "picture: "+out) {
		t.Fatalf("%q, %v", text, err)
	}
	// What was drawn can be completed: two pictures side by side are no picture of the model's.
	for want, args := range map[string][]string{
		"words that the model never saw: mauve": {"a mauve circle"},
		"the caption is empty":                  {""},
		"it must have at most 12":               {strings.Repeat("red ", 13)},
		"--number is 0":                         {"a red circle", "-n", "0"},
		"--keep is 2":                           {"a red circle", "--keep", "2"},
		"it must be 32x32":                      {"a red circle", "--complete", out},
		"--best-of is 0":                        {"a red circle", "--best-of", "0"},
		"--clip is empty":                       {"a red circle", "--best-of", "4"},
		"no run in":                             {"a red circle", "--run", filepath.Join(dir, "none")},
	} {
		if _, _, err := commandtest.Run(t.Context(), Model, append([]string{"draw", "--run", run, "--out", out}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
	text, _, err = commandtest.Run(t.Context(), Model, "measure", "obedience", "--run", run, "-n", "2", "--worst", "1")
	if err != nil || !strings.Contains(text, "held-out combinations") || !strings.Contains(text, "ru  all") {
		t.Errorf("%q, %v", text, err)
	}
}
