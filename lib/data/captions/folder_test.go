package captions

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

// folder writes pictures of one colour each and the captions' file.
func folder(t *testing.T, captions string, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range names {
		img := image.NewNRGBA(image.Rect(0, 0, 12, 9))
		for y := range 9 {
			for x := range 12 {
				img.SetNRGBA(x, y, color.NRGBA{R: uint8(40 * i), A: 255})
			}
		}
		f, err := os.Create(filepath.Join(dir, name))
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
	if err := os.WriteFile(filepath.Join(dir, File), []byte(captions), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFolder(t *testing.T) {
	dir := folder(t, "a.png\ta black one\nb.png\tdark red\na.png\tчёрный\n\n", "a.png", "b.png")
	p, err := Folder(dir, 4)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.List) != 2 || len(p.List[0].Captions) != 2 || p.Longest() != 3 || p.List[1].Picture[0] != 40 || len(p.List[1].Picture) != 48 {
		t.Errorf("%+v", p)
	}
	b, err := p.Batches(BatchConfig{Size: 2, Words: Of(p.Captions()...), Length: 3})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := b.Batch(1, 0)
	if err != nil || b.Steps() != 1 {
		t.Fatal(err)
	}
	if text := batch[0].Value().([][]int32); text[0][1] != 0 { // its second caption, of one word
		t.Errorf("the second epoch has the captions %v", text)
	}
	if x := tensors.MustCopyFlatData[float32](batch[1]); x[48] != float32(40)/255 {
		t.Errorf("the second picture begins with %g", x[48])
	}
	for want, captions := range map[string]string{
		"line 2 of":                  "a.png\tx\nb.png\n",
		"has no caption":             "a.png\t \n",
		"names no pictures":          "\n",
		"no such file":               "c.png\tx\n",
		"must be a file in the fold": "../a.png\tx\n",
		"unknown format":             "captions.tsv\tx\n",
	} {
		if _, err := Folder(folder(t, captions, "a.png"), 4); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", captions, err, want)
		}
	}
	if _, err := p.Batches(BatchConfig{Size: 3}); err == nil || !strings.Contains(err.Error(), "batch Size is 3: it must be 1 to the number of pictures, 2") {
		t.Errorf("%v", err)
	}
}

// TestSplit wants a picture that is there twice on one side.
func TestSplit(t *testing.T) {
	p := Pairs{Size: 1}
	for i := range 300 {
		p.List = append(p.List, Pair{Picture: []byte{byte(i % 150), 1, 2}, Captions: []string{"x"}})
	}
	training, held := p.Split()
	if len(training.List)+len(held.List) != 300 || len(held.List) < 10 || len(held.List) > 60 {
		t.Errorf("%d to train on, %d held out", len(training.List), len(held.List))
	}
	for _, a := range training.List {
		for _, b := range held.List {
			if a.Picture[0] == b.Picture[0] {
				t.Fatal("a picture is on both sides")
			}
		}
	}
}
