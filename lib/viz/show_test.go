package viz

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
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

func TestGIF(t *testing.T) {
	t.Chdir(t.TempDir())
	var frames []image.Image
	for n := range 4 {
		im := discs(n+1, 8)
		frames = append(frames, Grid(Images{Pixels: im.Pixels[n:]}, 1))
	}
	if err := ShowGIF(frames, 100*time.Millisecond, "discs"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("out/discs.gif")
	if err != nil {
		t.Fatal(err)
	}
	anim, err := gif.DecodeAll(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if len(anim.Image) != 4 || anim.Delay[0] != 10 {
		t.Fatalf("%d frames, delay %d", len(anim.Image), anim.Delay[0])
	}
	for i, f := range frames { // greys fit a GIF's palette exactly
		for _, p := range []image.Point{{20, 20}, {60, 70}, {100, 90}} {
			if got, want := color.RGBAModel.Convert(anim.Image[i].At(p.X, p.Y)), f.At(p.X, p.Y); got != want {
				t.Errorf("frame %d at %v: %v, want %v", i, p, got, want)
			}
		}
	}
	for want, err := range map[string]error{
		"without frames":   SaveGIF("x.gif", nil, time.Second),
		"1ms":              SaveGIF("x.gif", frames, time.Millisecond),
		"frame 1 has":      SaveGIF("x.gif", []image.Image{frames[0], Grid(discs(2, 8), 2)}, time.Second),
		"no images":        SaveGIF("x.gif", []image.Image{Grid(Images{}, 1)}, time.Second),
		"ends in .gif":     SaveGIF("x.png", frames, time.Second),
		"without a folder": ShowGIF(frames, time.Second, "a/b"),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if err := SaveGIF("rgb.gif", []image.Image{Grid(colours(3, 16), 3)}, time.Second); err != nil { // more than 256 colours
		t.Error(err)
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
