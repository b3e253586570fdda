package command

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/command/commandtest"
	"genlab/lib/models/vae"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

// TestTrainFolder trains on a folder of pictures in colour, and samples.
func TestTrainFolder(t *testing.T) {
	photos, run := t.TempDir(), filepath.Join(t.TempDir(), "run")
	for i := range 8 {
		img := image.NewRGBA(image.Rect(0, 0, 9, 9))
		for p := range 81 {
			img.Set(p%9, p/9, color.RGBA{uint8(30 * i), uint8(3 * p), 9, 255})
		}
		f, err := os.Create(filepath.Join(photos, fmt.Sprintf("%d.png", i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, img); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	out, _, err := commandtest.Run(t.Context(), Model, "train", "vae", "--data", photos, "--size", "8", "--batch", "4", "--preset", "tiny", "--epochs", "2", "--run", run)
	if err != nil || !strings.Contains(out, "nats an image of the last batch") {
		t.Fatalf("%v\n%s", err, out)
	}
	m, err := vae.Open(run)
	if err != nil || m.Config.InputDim != 8*8*3 {
		t.Errorf("the model takes %d values: %v", m.Config.InputDim, err)
	}
	picture := filepath.Join(t.TempDir(), "out.png")
	if _, _, err := commandtest.Run(t.Context(), Model, "sample", "vae", "--run", run, "-n", "2", "--out", picture); err != nil {
		t.Error(err)
	}
	if _, _, err := commandtest.Run(t.Context(), Model, "train", "vae", "--data", t.TempDir(), "--run", run+"2"); err == nil || !strings.Contains(err.Error(), "neither MNIST's files nor pictures") {
		t.Errorf("an empty folder: %v", err)
	}
}
