package images

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// spriteFile has pictures of the given sides in the game's format, the first pixel of each red, the rest transparent.
func spriteFile(t *testing.T, sides ...int) []byte {
	t.Helper()
	var file bytes.Buffer
	for i, side := range sides {
		picture := image.NewNRGBA(image.Rect(0, 0, side, side))
		picture.Set(0, 0, color.NRGBA{R: 255, A: 255})
		var one bytes.Buffer
		if err := png.Encode(&one, picture); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&file, "IMAGE %d ./arch/thing.%d\n%s", one.Len(), i, one.Bytes())
	}
	return file.Bytes()
}

func TestSprites(t *testing.T) {
	dir := t.TempDir()
	write := func(content []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "crossfire.base"), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	whole := spriteFile(t, 32, 64, 32)
	write(whole)
	s, err := Sprites(dir, 32)
	if err != nil {
		t.Fatal(err)
	}
	pictures, err := s.Floats(0, s.Len())
	if err != nil {
		t.Fatal(err)
	}
	if len(pictures) != 2 || s.Channels != 3 {
		t.Fatalf("%d pictures of %d channels, want the 2 of 32×32 in colour", len(pictures), s.Channels)
	}
	for _, p := range pictures {
		if p[0] != 1 || p[1] != 0 || p[3] != 1 || p[4] != 1 {
			t.Errorf("the first pixels are %v, want red and, where transparent, white", p[:6])
		}
	}
	for want, content := range map[string][]byte{
		"is cut off":             whole[:len(whole)-3],
		"picture 0 begins":       []byte("PICTURE 3 a\nxyz"),
		"picture 0: unexpected":  []byte("IMAGE 3 a\nxyz"),
		"holds no picture of 32": spriteFile(t, 16),
	} {
		write(content)
		if _, err := Sprites(dir, 32); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
