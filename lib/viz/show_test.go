package viz

import (
	"bytes"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

func TestShowWritesAFile(t *testing.T) {
	t.Chdir(t.TempDir())
	img := Grid(discs(3, 8), 3)
	if err := Show(img, "samples"); err != nil {
		t.Fatal(err)
	}
	if err := Show(img); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir("out")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || !strings.HasPrefix(files[0].Name(), "picture-") || files[1].Name() != "samples.png" {
		t.Errorf("files %v", files)
	}
	data, err := os.ReadFile("out/samples.png")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := png.Decode(bytes.NewReader(data)); err != nil || got.Bounds() != img.Bounds() {
		t.Errorf("decoded: %v, %v", got.Bounds(), err)
	}
	for _, name := range []string{"a/b", "..", "../x"} {
		if err := Show(img, name); err == nil || !strings.Contains(err.Error(), "name") {
			t.Errorf("name %q: error %v", name, err)
		}
	}
	if err := Save("x.gif", img); err == nil || !strings.Contains(err.Error(), ".png") {
		t.Errorf("saving as GIF: error %v", err)
	}
	if err := os.WriteFile("file", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Save("file/x.png", img); err == nil {
		t.Error("saved below a file")
	}
}

// A picture that doesn't compress must still come in under a notebook's limit.
func TestInlineLimit(t *testing.T) {
	noise := image.NewRGBA(image.Rect(0, 0, 1300, 400))
	r := rand.New(rand.NewPCG(1, 1))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(r.Uint32()) | 0xff*uint8(i%4/3)
	}
	data, err := inlinePNG(noise)
	if err != nil {
		t.Fatal(err)
	}
	small, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > maxBytes || small.Bounds().Dx() > maxWidth {
		t.Errorf("%d bytes, %v", len(data), small.Bounds())
	}
}
