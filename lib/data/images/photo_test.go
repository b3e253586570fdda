package images

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// drawn writes a picture and gives its path.
func drawn(t *testing.T, img image.Image) string {
	t.Helper()
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

// TestReadPhoto reads what isn't red, green and blue in 8 bits.
func TestReadPhoto(t *testing.T) {
	deep := image.NewGray16(image.Rect(0, 0, 1, 1))
	deep.SetGray16(0, 0, color.Gray16{Y: 0x80ff})
	clear := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	clear.SetNRGBA(1, 0, color.NRGBA{R: 255, A: 255})
	for name, c := range map[string]struct {
		picture       image.Image
		height, width int
		at            int
		want          [3]float32
	}{
		"16 bits, 1x1":         {deep, 1, 1, 0, [3]float32{128. / 255, 128. / 255, 128. / 255}},
		"transparent is white": {clear, 2, 3, 0, [3]float32{1, 1, 1}},
		"opaque stays":         {clear, 2, 3, 1, [3]float32{1, 0, 0}},
	} {
		p, err := ReadPhoto(drawn(t, c.picture), 0)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p.Height != c.height || p.Width != c.width || len(p.Pixels) != 3*c.height*c.width || [3]float32(p.Pixels[3*c.at:3*c.at+3]) != c.want {
			t.Errorf("%s: %dx%d, %v", name, p.Width, p.Height, p.Pixels)
		}
	}
	for longest, want := range map[int][2]int{10: {5, 10}, 1: {1, 1}, 100: {20, 40}} {
		p, err := ReadPhoto(drawn(t, image.NewGray(image.Rect(0, 0, 40, 20))), longest)
		if err != nil || p.Height != want[0] || p.Width != want[1] {
			t.Errorf("at most %d: %dx%d, %v", longest, p.Width, p.Height, err)
		}
	}
	broken := filepath.Join(t.TempDir(), "broken.png")
	if err := os.WriteFile(broken, []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{broken: "unknown format", filepath.Join(t.TempDir(), "absent.png"): "no such file"} {
		if _, err := ReadPhoto(path, 0); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
}
