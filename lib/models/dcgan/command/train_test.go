package command

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genlab/lib/backend/backendtest"
	"genlab/lib/command/commandtest"
)

func TestMain(m *testing.M) { backendtest.OnGo(m) }

// trained runs `train dcgan` on small models, and gives what it prints.
func trained(t *testing.T, args ...string) (string, error) {
	t.Helper()
	stdout, stderr, err := commandtest.Run(t.Context(), Model, append([]string{"train", "dcgan", "--preset", "tiny", "--batch", "2"}, args...)...)
	return stdout + stderr, err
}

// digests are those of the files below a folder, by their paths.
func digests(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(root, path))
		all[path] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A run in parts has the pictures, the animation and the samples of one in a piece.
func TestTrainInParts(t *testing.T) {
	pictures, piece, parts := commandtest.Pictures(t, 4, 32), t.TempDir(), t.TempDir()
	out, err := trained(t, "--data", pictures, "--epochs", "3", "--keep", "3", "--run", piece)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "[2/3][0/2] Loss_D: ") || !strings.Contains(out, "animation: "+filepath.Join(piece, "samples", "training.gif")) {
		t.Errorf("the output is\n%s", out)
	}
	for _, epochs := range []string{"1", "3"} {
		if _, err := trained(t, "--data", pictures, "--epochs", epochs, "--keep", "3", "--run", parts); err != nil {
			t.Fatal(err)
		}
	}
	want, got := digests(t, filepath.Join(piece, "samples")), digests(t, filepath.Join(parts, "samples"))
	if !maps.Equal(want, got) {
		t.Errorf("samples in parts %v, in a piece %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	for _, name := range []string{"frames/step-0000001.png", "frames/step-0000003.png", "frames/step-0000005.png", "training.gif", "epoch-003.safetensors"} {
		if want[name] == "" {
			t.Errorf("there is no %s: %v", name, slices.Sorted(maps.Keys(want)))
		}
	}
	if _, _, err := read(filepath.Join(piece, "samples", "epoch-003.safetensors")); err == nil || !strings.Contains(err.Error(), "images is [3 32 32 3]") {
		t.Errorf("error %v: digits are grey, and these three pictures aren't", err)
	}
}

func TestTrainRefuses(t *testing.T) {
	pictures := commandtest.Pictures(t, 2, 32)
	for want, args := range map[string][]string{
		"the pictures have no classes": {"--conditional"},
		"image_size is 48":             {"--size", "48"},
		`--preset is "wide"`:           {"--preset", "wide"},
		"smooth is 0.6":                {"--smooth", "0.6"},
	} {
		if _, err := trained(t, append(args, "--data", pictures, "--run", t.TempDir())...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
