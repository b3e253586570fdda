package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/command/commandtest"
	"genlab/lib/data/scenes"
	"genlab/lib/models/clip"
	"genlab/lib/train"
)

func TestMain(m *testing.M) { backendtest.OnGo(m) }

func TestFind(t *testing.T) {
	dir := t.TempDir()
	c := clip.Recipe()
	c.Model, c.WarmUp = clip.Tiny(), 1
	c.Model.Words, c.Model.TextLength = scenes.Words(), scenes.Longest+1
	c.Options = train.Options{Run: filepath.Join(dir, "run"), Epochs: 1, Watch: func(train.Progress) {}}
	if _, err := clip.Train(t.Context(), c, scenes.Batches{Pixels: 32, Size: 4, Each: 2, Seed: 1, Texts: true}); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "found.png")
	text, _, err := commandtest.Run(t.Context(), Model, "find", "a red circle", "две красные звезды", "--run", c.Run, "--among", "8", "-n", "2", "--out", out)
	if err != nil || !strings.Contains(text, "picture: "+out) {
		t.Fatalf("%q, %v", text, err)
	}
	if _, err := os.Stat(out); err != nil {
		t.Error(err)
	}
	for want, args := range map[string][]string{
		"--among is 1 and --number 2":           {"a red circle", "--among", "1", "-n", "2"},
		"words that the model never saw: mauve": {"mauve"},
		"--data is empty":                       {"a red circle", "--data", ""},
		"no run in":                             {"a red circle", "--run", filepath.Join(dir, "none")},
	} {
		if _, _, err := commandtest.Run(t.Context(), Model, append([]string{"find", "--run", c.Run, "--out", out}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
}
