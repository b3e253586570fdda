package tests

import (
	"math"
	"path/filepath"
	"testing"

	"genlab/lib/train"
)

// TestBackendsTrainAlike trains one VAE on XLA and on the pure-Go backend: same weights, same noise, same order, so the losses agree
// until rounding has grown.
func TestBackendsTrainAlike(t *testing.T) {
	needXLA(t)
	data := madeDigits(t, 600, 100)
	losses := map[string][]float64{}
	for _, backend := range []string{"xla:cpu", "go"} {
		run := filepath.Join(t.TempDir(), "run")
		if _, err := genlab(t, backend, "train", "vae", "--data", data, "--epochs", "5", "--batch", "50", "--run", run); err != nil {
			t.Fatal(err)
		}
		records, err := train.ReadMetrics(run)
		if err != nil {
			t.Fatal(err)
		}
		_, losses[backend] = train.Series(records, "loss")
	}
	for i, want := range losses["xla:cpu"] {
		if got := losses["go"][i]; math.Abs(got-want) > 1e-3*want {
			t.Errorf("record %d: the loss is %g on xla:cpu and %g on go", i, want, got)
		}
	}
	if len(losses["go"]) != 7 {
		t.Errorf("%d losses were recorded in 60 steps", len(losses["go"]))
	}
}
