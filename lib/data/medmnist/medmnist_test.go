package medmnist

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// npy is a file as NumPy writes it.
func npy(kind, shape string, data ...byte) []byte {
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, shape)
	head += strings.Repeat(" ", 117-len(head)) + "\n"
	return append([]byte(npyMagic+"\x01\x00v\x00"+head), data...)
}

// small is a set of two grey pictures of 2×2 to learn from and one to be tested by.
func small() map[string][]byte {
	return map[string][]byte{
		"train_images.npy": npy("|u1", "2, 2, 2", 1, 2, 3, 4, 5, 6, 7, 8), "train_labels.npy": npy("|u1", "2, 1", 0, 1),
		"test_images.npy": npy("|u1", "1, 2, 2", 9, 9, 9, 255), "test_labels.npy": npy("<i2", "1,", 1, 0),
	}
}

// npz is a zip archive of files, without those that are nil.
func npz(t testing.TB, inside map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range inside {
		if data == nil {
			continue
		}
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "small.npz")
	if err := os.WriteFile(path, npz(t, small()), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if d.Size != 2 || d.Channels != 1 || d.Classes != 2 || d.Validation != nil || len(d.SHA256) != 64 || d.Train.Len() != 2 || !slices.Equal(d.Test.Counts(), []int{0, 1}) {
		t.Errorf("%+v, %+v, %+v", d, d.Train, d.Test)
	}
	set, err := d.Train.Set(2)
	if err != nil {
		t.Fatal(err)
	}
	pixels, err := set.Floats(1, 1)
	if err != nil || !slices.Equal(pixels[0], []float32{5. / 255, 6. / 255, 7. / 255, 8. / 255}) || set.Label(1) != 1 || !slices.Equal(set.Classes, []string{"0", "1"}) {
		t.Errorf("%v, %v, %v", pixels, set.Classes, err)
	}
}

func TestReadColour(t *testing.T) {
	inside := small()
	inside["train_images.npy"] = npy("|u1", "2, 1, 1, 3", 1, 2, 3, 4, 5, 6)
	inside["test_images.npy"] = npy("|u1", "1, 1, 1, 3", 1, 2, 3)
	inside["val_images.npy"], inside["val_labels.npy"] = inside["test_images.npy"], npy("<i8", "1, 1", 2, 0, 0, 0, 0, 0, 0, 0)
	raw := npz(t, inside)
	d, err := read(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if d.Size != 1 || d.Channels != 3 || d.Classes != 3 || !slices.Equal(d.Validation.Counts(), []int{0, 0, 1}) {
		t.Errorf("%+v, %+v", d, d.Validation)
	}
}

func TestReadRefuses(t *testing.T) {
	for want, change := range map[string]func(map[string][]byte){
		"it has no train_labels.npy":                  func(f map[string][]byte) { f["train_labels.npy"] = nil },
		"it has no val_images.npy":                    func(f map[string][]byte) { f["val_labels.npy"] = f["test_labels.npy"] },
		"train_images is |u1 [2 4]: it must be uint8": func(f map[string][]byte) { f["train_images.npy"] = npy("|u1", "2, 4", 1, 2, 3, 4, 5, 6, 7, 8) },
		"train_images is |u1 [2 1 4]":                 func(f map[string][]byte) { f["train_images.npy"] = npy("|u1", "2, 1, 4", 1, 2, 3, 4, 5, 6, 7, 8) },
		"train_images is |u1 [1 2 2 2]":               func(f map[string][]byte) { f["train_images.npy"] = npy("|u1", "1, 2, 2, 2", 1, 2, 3, 4, 5, 6, 7, 8) },
		"train_images is <i2 [1 2 2]":                 func(f map[string][]byte) { f["train_images.npy"] = npy("<i2", "1, 2, 2", 1, 2, 3, 4, 5, 6, 7, 8) },
		"its elements are \"<f4\": they must be":      func(f map[string][]byte) { f["train_images.npy"] = npy("<f4", "1, 1, 1", 1, 2, 3, 4) },
		"train_labels is [1] for 2 pictures":          func(f map[string][]byte) { f["train_labels.npy"] = npy("|u1", "1,", 0) },
		"train_labels is [2 2] for 2 pictures":        func(f map[string][]byte) { f["train_labels.npy"] = npy("|u1", "2, 2", 0, 1, 1, 0) },
		"train_labels is [] for 2 pictures":           func(f map[string][]byte) { f["train_labels.npy"] = npy("|u1", "", 0) },
		"label 1 of train_labels is -1: it must be 0": func(f map[string][]byte) { f["train_labels.npy"] = npy("|i1", "2,", 0, 255) },
		"label 0 of test_labels is 256":               func(f map[string][]byte) { f["test_labels.npy"] = npy("<u2", "1,", 0, 1) },
		"all of its labels are 0": func(f map[string][]byte) {
			f["train_labels.npy"], f["test_labels.npy"] = npy("|u1", "2,", 0, 0), npy("|u1", "1,", 0)
		},
		"pictures are of 2×2×1 and of 1×1×1":            func(f map[string][]byte) { f["test_images.npy"] = npy("|u1", "1, 1, 1", 1) },
		"train_images.npy: ends after 7 of the 8 bytes": func(f map[string][]byte) { f["train_images.npy"] = npy("|u1", "2, 2, 2", 1, 2, 3, 4, 5, 6, 7) },
		"goes on after the 8 bytes":                     func(f map[string][]byte) { f["train_images.npy"] = npy("|u1", "2, 2, 2", 1, 2, 3, 4, 5, 6, 7, 8, 9) },
		"its shape is (2, 0, 2)":                        func(f map[string][]byte) { f["train_images.npy"] = npy("|u1", "2, 0, 2") },
		"make at most 1024 MB":                          func(f map[string][]byte) { f["train_images.npy"] = npy("|u1", "99999999, 99999, 99999") },
		"ends within its header":                        func(f map[string][]byte) { f["train_images.npy"] = f["train_images.npy"][:50] },
		"not a .npy file":                               func(f map[string][]byte) { f["train_images.npy"] = []byte("pictures, many") },
	} {
		inside := small()
		change(inside)
		raw := npz(t, inside)
		if _, err := read(bytes.NewReader(raw), int64(len(raw))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	raw := npz(t, small())
	if _, err := read(bytes.NewReader(raw), int64(len(raw)-30)); err == nil || !strings.Contains(err.Error(), "it must be an .npz") {
		t.Errorf("a truncated archive: %v", err)
	}
	if _, err := Read(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is a folder: it must be a file") {
		t.Errorf("a folder: %v", err)
	}
}
