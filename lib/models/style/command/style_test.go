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
	"genlab/lib/data/fetch"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

// drawn writes a picture of height×width and gives its path.
func drawn(t *testing.T, height, width int) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Set(x, y, color.RGBA{uint8(9 * x), uint8(5 * y), uint8(x * y), 255})
		}
	}
	path := filepath.Join(t.TempDir(), "drawn.png")
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
	return path
}

// TestStyleRefuses holds what is said of a command that makes no sense, of weights that aren't there and of pictures too small.
func TestStyleRefuses(t *testing.T) {
	t.Setenv(fetch.FolderEnv, t.TempDir())
	a, b := drawn(t, 20, 24), drawn(t, 1, 1)
	for want, args := range map[string][]string{
		`--method is "slow"`:         {a, b, "--method", "slow"},
		"--method fast was given 1":  {a, b, "--method", "fast"},
		"--method adain was given 0": {a, "--method", "adain"},
		"--method gatys was given 0": {a},
		"--blend is [1 2]":           {a, b, "--blend", "1,2"},
		"genlab data vgg16 (55 MB)":  {a, b},
		"absent.h5":                  {a, b, "--vgg", "absent.h5"},
		"nothing.png":                {a, "nothing.png"},
		"no run in":                  {a, "--method", "fast", "--run", t.TempDir()},
	} {
		if _, _, err := commandtest.Run(t.Context(), Model, append([]string{"style"}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestTrainRefuses(t *testing.T) {
	t.Setenv(fetch.FolderEnv, t.TempDir())
	for want, args := range map[string][]string{
		"genlab data vgg16": {"style", drawn(t, 20, 24)},
		"hasn't been":       {"adain"},
	} {
		args = append(append([]string{"train"}, args...), "--run", filepath.Join(t.TempDir(), "run"))
		if _, _, err := commandtest.Run(t.Context(), Model, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestStyle paints a moment through the published weights.
func TestStyle(t *testing.T) {
	fetched(t, "vgg16")
	out := filepath.Join(t.TempDir(), "out.png")
	text, _, err := commandtest.Run(t.Context(), Model, "style", drawn(t, 20, 24), drawn(t, 30, 24), "--size", "24", "--coarsest", "24", "--steps", "2",
		"--content-layers", "relu2_1", "--style-layers", "relu1_1,relu2_1", "--out", out)
	if err != nil || !strings.Contains(text, "picture: "+out+", 24x20") {
		t.Fatalf("%v\n%s", err, text)
	}
	if info, err := os.Stat(out); err != nil || info.Size() == 0 {
		t.Error(err)
	}
}
