package commandtest

import (
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// Pictures makes a folder of n grey PNGs of noise, side pixels high and wide, the same each time.
func Pictures(t *testing.T, n, side int) string {
	t.Helper()
	dir, rng := t.TempDir(), rand.New(rand.NewPCG(1, 1))
	for i := range n {
		picture := image.NewGray(image.Rect(0, 0, side, side))
		for p := range picture.Pix {
			picture.Pix[p] = uint8(rng.UintN(256))
		}
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%02d.png", i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, picture); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
