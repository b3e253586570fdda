package augment

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"genlab/lib/backend/backendtest"
)

func TestMain(m *testing.M) { backendtest.OnGo(m) }

// medical writes an .npz of MedMNIST's form: pictures of 4×4, half of them bright, four to learn from and two to measure by.
func medical(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for split, n := range map[string]int{"train": 8, "test": 4} {
		var pixels, labels []byte
		for i := range n {
			pixels = append(pixels, bytes.Repeat([]byte{byte(20 + 180*(i%2))}, 16)...)
			labels = append(labels, byte(i%2))
		}
		for name, part := range map[string]struct {
			shape string
			data  []byte
		}{"images": {fmt.Sprintf("%d, 4, 4", n), pixels}, "labels": {fmt.Sprintf("%d, 1", n), labels}} {
			head := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }", part.shape)
			w, err := z.Create(split + "_" + name + ".npy")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Fprintf(w, "\x93NUMPY\x01\x00v\x00%-117s\n%s", head, part.data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "medical.npz")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs the command.
func run(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	root := &cobra.Command{Use: "genlab", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(New())
	var out, errs bytes.Buffer
	root.SetArgs(append([]string{"augment"}, args...))
	root.SetOut(&out)
	root.SetErr(&errs)
	err = root.ExecuteContext(t.Context())
	return out.String(), errs.String(), err
}

func TestPictures(t *testing.T) {
	data, at := medical(t), t.TempDir()
	args := []string{"pictures", "--data", data, "--run", at, "--arms", "nothing,dcgan", "--a-class", "2", "--fill", "3", "--seeds", "2", "--steps", "4", "--batch", "4", "--gan-steps", "1", "--gan-batch", "4"}
	out, errs, err := run(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2 classes, 4×4×1, SHA-256 ", "to learn from: [4 4] a class, to measure by: [2 2]", "2        dcgan    3 ", "picture: " + filepath.Join(at, "pictures", "dcgan-2.png")} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Count(errs, "balanced accuracy") != 4 {
		t.Errorf("it tells\n%s", errs)
	}
	again, errs, err := run(t, args...)
	if err != nil || again != out || errs != "" {
		t.Errorf("the second time: %v\n%s%s", err, again, errs)
	}
}

func TestPicturesRefuses(t *testing.T) {
	data := medical(t)
	for want, args := range map[string][]string{
		"--data: medmnist: ": {"--data", filepath.Join(t.TempDir(), "absent.npz")},
		`arm is "luck": it must be one of nothing, oversample`: {"--arms", "luck"},
		"seeds is 1": {"--seeds", "1"},
	} {
		if _, _, err := run(t, append([]string{"pictures", "--data", data, "--run", t.TempDir()}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
