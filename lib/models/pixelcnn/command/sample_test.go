package command

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/command/commandtest"
	"genlab/lib/models/pixelcnn"
	"genlab/lib/train"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

// trained is a run of a few steps.
func trained(t *testing.T) string {
	t.Helper()
	run := filepath.Join(t.TempDir(), "run")
	cfg := pixelcnn.TrainConfig{Model: pixelcnn.Tiny(), Rate: 1e-3, Seed: 1, Options: train.Options{Run: run, Epochs: 1, Watch: func(train.Progress) {}}}
	sets, err := Pictures{Batch: 8}.Open(t.Context(), cfg.Model.Likelihood(), 0, 28, 1)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Total = 10
	if _, err := pixelcnn.Train(t.Context(), cfg, few{sets.Training}); err != nil {
		t.Fatal(err)
	}
	return run
}

func TestSample(t *testing.T) {
	run, dir := trained(t), t.TempDir()
	out := filepath.Join(dir, "drawn.png")
	text, _, err := commandtest.Run(t.Context(), Model, "sample", "pixelcnn", "--run", run, "-n", "3", "--out", out)
	if err != nil || !strings.Contains(text, "picture: "+out) {
		t.Fatalf("%q, %v", text, err)
	}
	half := filepath.Join(dir, "half.png")
	img := image.NewGray(image.Rect(0, 0, 28, 28))
	for i := range 10 {
		img.SetGray(10, 3+i, color.Gray{Y: 200})
	}
	save(t, half, img)
	m, err := open(run)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := sampling{Number: 2, Seed: 1, Temperature: 1, Complete: half, Keep: 0.5}.draw(t.Context(), m.Painter, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range drawn {
		if d[5*28+10] != 1 || d[5*28+11] != 0 {
			t.Error("the upper half isn't the picture's")
		}
	}
	small := filepath.Join(dir, "small.png")
	save(t, small, image.NewGray(image.Rect(0, 0, 5, 6)))
	for want, args := range map[string][]string{
		"small.png is 5x6: it must be 28x28": {"--complete", small},
		"--keep is 2":                        {"--complete", half, "--keep", "2"},
		"--temperature is 0":                 {"--temperature", "0"},
		"class is 3: it must be 0":           {"--class", "3"},
		"no run in":                          {"--run", filepath.Join(dir, "none")},
		"no such file":                       {"--complete", filepath.Join(dir, "none.png")},
	} {
		if _, _, err := commandtest.Run(t.Context(), Model, append([]string{"sample", "pixelcnn", "--run", run, "--out", out}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
}

func save(t *testing.T, path string, img image.Image) {
	t.Helper()
	f, err := os.Create(path)
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

// few is one step of a data set.
type few struct{ train.Dataset }

func (few) Steps() int { return 1 }
