package command

import (
	"os"
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

func TestTrainSample(t *testing.T) {
	dir := t.TempDir()
	file, run := filepath.Join(dir, "verse.txt"), filepath.Join(dir, "run")
	if err := os.WriteFile(file, []byte(strings.Repeat("abcabd\n", 300)), 0o644); err != nil {
		t.Fatal(err)
	}
	got := said(t, "train", "lstm", "--preset", "tiny", "--hidden", "16", "--data", file, "--batch", "4", "--length", "16", "--epochs", "1", "--run", run)
	if !strings.Contains(got, "nats a character of the validation text") || !strings.Contains(got, "next: genlab sample lstm --run "+run) {
		t.Errorf("the training says %s", got)
	}
	if got := said(t, "sample", "lstm", "--run", run, "-n", "20", "--prompt", "abc"); len(got) != len("abc")+20+1 || !strings.HasPrefix(got, "abc") {
		t.Errorf("the sample is %q", got)
	}
}

func TestProgram(t *testing.T) {
	if got := said(t, "train", "rnn", "--epochs", "3"); strings.Count(got, "Epoch ") != 3 || !strings.Contains(got, "Epoch 1, Loss: 2.") {
		t.Errorf("the program says %s", got)
	}
}
