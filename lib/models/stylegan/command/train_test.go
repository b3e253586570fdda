package command

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/command/commandtest"
	"genlab/lib/torch"
)

func TestMain(m *testing.M) { backendtest.OnGo(m) }

func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	stdout, stderr, err := commandtest.Run(t.Context(), Model, args...)
	return stdout + stderr, err
}

func TestTrainAndSample(t *testing.T) {
	at, out := t.TempDir(), filepath.Join(t.TempDir(), "samples.png")
	text, err := run(t, "train", "stylegan", "--preset", "tiny", "--data", commandtest.Pictures(t, 8, 16), "--batch", "4", "--r1-part", "1", "--epochs", "1", "--run", at)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "the discriminator's loss after 1 steps") {
		t.Errorf("the output is\n%s", text)
	}
	for _, args := range [][]string{{"-n", "4", "--truncate", "0.3", "--turn", "20"}, {"-n", "2", "--mix", "--from", "2"}} {
		if _, err := run(t, append([]string{"sample", "stylegan", "--run", at, "--out", out}, args...)...); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(out); err != nil {
			t.Error(err)
		}
	}
	if text, err = run(t, "measure", "equivariance", "--run", at, "--batches", "1", "--batch", "1"); err != nil || strings.Count(text, " dB") != 3 {
		t.Errorf("%q, error %v", text, err)
	}
	file := filepath.Join(t.TempDir(), "samples.safetensors")
	if _, err := run(t, "sample", "stylegan", "--run", at, "--out", out, "-n", "2", "--tensors", file); err != nil {
		t.Fatal(err)
	}
	if state, err := torch.Read(file); err != nil || !slices.Equal(state.Names(), []string{"images"}) {
		t.Errorf("%v holds no images alone; error %v", file, err)
	}
	if _, err := run(t, "sample", "stylegan", "--run", at, "--truncate", "2"); err == nil || !strings.Contains(err.Error(), "--truncate is 2") {
		t.Errorf("error %v", err)
	}
}

func TestTrainRefuses(t *testing.T) {
	for want, args := range map[string][]string{
		"the pictures have no classes":           {"--conditional"},
		"img_resolution is 24":                   {"--size", "24"},
		"can't be cut into groups":               {"--batch", "6"},
		`kind is "4": it must be "t", "r" or "2`: {"--kind", "4"},
	} {
		args = append([]string{"train", "stylegan", "--preset", "tiny", "--data", commandtest.Pictures(t, 8, 16), "--batch", "4", "--run", t.TempDir()}, args...)
		if _, err := run(t, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
