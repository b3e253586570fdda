package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/command/commandtest"
	"genlab/lib/data/audio"
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
	run, out := filepath.Join(dir, "run"), filepath.Join(dir, "voice.wav")
	for _, r := range audio.Made(6) {
		if r.Digit != "1" && r.Digit != "7" {
			continue
		}
		if err := audio.Save(filepath.Join(dir, r.Name), r.Samples[:600], r.Rate); err != nil {
			t.Fatal(err)
		}
	}
	got := said(t, "train", "wavenet", "--preset", "tiny", "--data", dir, "--batch", "2", "--length", "300", "--epochs", "1", "--run", run)
	for _, want := range []string{"4 recordings, ", "; 20, ", "of which linear prediction of order 16 says", "bits a sample of the held-out", "next: genlab sample wavenet --run " + run} {
		if !strings.Contains(got, want) {
			t.Errorf("the training lacks %q: %s", want, got)
		}
	}
	if _, err := os.Stat(filepath.Join(run, "samples", "epoch-001.wav")); err != nil {
		t.Error(err)
	}
	said(t, "sample", "wavenet", "--run", run, "--speaker", "low", "--digit", "7", "--seconds", "0.05", "-n", "2", "--out", out)
	for _, name := range []string{"voice-1.wav", "voice-2.wav"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if samples, rate, err := audio.ReadWAV(bytes.NewReader(raw)); err != nil || len(samples) != 400 || rate != 8000 {
			t.Errorf("%s has %d samples at %d, %v", name, len(samples), rate, err)
		}
	}
	if _, _, err := commandtest.Run(t.Context(), Model, "sample", "wavenet", "--run", run, "--digit", "eleven"); err == nil || !strings.Contains(err.Error(), `digit is "eleven"`) {
		t.Errorf("an unknown digit: %v", err)
	}
}
