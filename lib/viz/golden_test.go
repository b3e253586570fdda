package viz

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden pictures of testdata anew; look at each before you commit it")

// golden compares a picture with testdata/NAME.png. Another processor may round a glyph's edge otherwise, so one
// pixel in 200 may differ by more than an eighth.
func golden(t *testing.T, name string, got image.Image) {
	t.Helper()
	if err := Err(got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".png")
	if *update {
		if err := Save(path, got); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if got.Bounds().Size() != want.Bounds().Size() {
		t.Fatalf("size %v, want %v", got.Bounds().Size(), want.Bounds().Size())
	}
	different := 0
	b := want.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			g := color.RGBAModel.Convert(got.At(x, y)).(color.RGBA)
			w := color.RGBAModel.Convert(want.At(x, y)).(color.RGBA)
			if apart(g.R, w.R) || apart(g.G, w.G) || apart(g.B, w.B) || g.A != 255 {
				different++
			}
		}
	}
	if limit := b.Dx() * b.Dy() / 200; different > limit {
		out := filepath.Join(t.TempDir(), name+".png")
		if dir := os.Getenv("TEST_ARTIFACTS"); dir != "" {
			out = filepath.Join(dir, name+".png")
		}
		if err := Save(out, got); err != nil {
			t.Error(err)
		}
		t.Errorf("%s: %d pixels differ (at most %d may); set TEST_ARTIFACTS to a folder to keep this one there", path, different, limit)
	}
}

func apart(a, b uint8) bool { return max(a, b)-min(a, b) > 32 }
