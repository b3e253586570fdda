package images

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sized makes the head of a PNG that claims n pixels.
func sized(width, height uint32, depth, kind, interlaced byte) []byte {
	head := []byte("IHDR")
	head = binary.BigEndian.AppendUint32(head, width)
	head = binary.BigEndian.AppendUint32(head, height)
	head = append(head, depth, kind, 0, 0, interlaced)
	file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(head))
}

// What reading a picture takes is known from its header, and refused where it is too much.
func TestCost(t *testing.T) {
	const mega = 1 << 20
	for _, c := range []struct {
		name string
		file []byte
		want int64 // bytes, or none for an error
	}{
		{"grey", sized(8000, 1000, 8, 0, 0), 8e6},
		{"colours", sized(8000, 1000, 8, 2, 0), 32e6},
		{"sixteen bits", sized(8000, 1000, 16, 6, 0), 64e6},
		{"interlaced", sized(8000, 1000, 16, 6, 1), 128e6},
		{"100 million pixels of sixteen bits", sized(10240, 10240, 16, 2, 0), 800 * mega},
		{"the same interlaced", sized(10240, 10240, 16, 2, 1), 0},
		{"101 million pixels", sized(10343, 10240, 8, 0, 0), 0},
		{"four thousand million each way", sized(1<<31-1, 1<<31-1, 8, 0, 0), 0},
	} {
		got, _, err := cost(bytes.NewReader(c.file))
		if got != c.want || (err != nil) != (c.want == 0) {
			t.Errorf("%s: %d bytes (%v), want %d", c.name, got, err, c.want)
		}
	}
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, image.NewRGBA(image.Rect(0, 0, 10, 10)), nil); err != nil {
		t.Fatal(err)
	}
	progressive, err := os.ReadFile("testdata/half.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file []byte
		want int64
	}{"baseline": {plain.Bytes(), 4 * 100}, "progressive": {progressive, 20 * 57 * 43}} {
		if got, _, err := cost(bytes.NewReader(c.file)); err != nil || got != c.want {
			t.Errorf("%s JPEG: %d bytes (%v), want %d", name, got, err, c.want)
		}
	}
}

// A WebP's canvas says nothing of the frame in it, whose own header decides what is taken.
func TestWebPFrameBeyondCanvas(t *testing.T) {
	huge := append([]byte("VP8L\x05\x00\x00\x00\x2f"), 0xff, 0xff, 0xff, 0x0f, 0)
	body := append([]byte("WEBPVP8X\x0a\x00\x00\x00"), make([]byte, 10)...)
	for flags, inner := range map[byte][]byte{0: huge, 2: append(append([]byte("ANMF\x1e\x00\x00\x00"), make([]byte, 16)...), huge...)} {
		body[12] = flags
		file := append(bytes.Clone(body), inner...)
		file = append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(file))), file...)
		if err := decode(bytes.NewReader(file), make([]byte, 3), 1, 3, Crop); err == nil || !strings.Contains(err.Error(), "canvas of 1x1") {
			t.Errorf("flags %d: error %v", flags, err)
		}
	}
}

// A picture a pixel high and very wide costs what is kept of it, not what it is resized to.
func TestThin(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 60000, 1))
	for x := range 60000 {
		img.SetGray(x, 0, color.Gray{byte(x / 256)})
	}
	got := make([]byte, 64*64)
	y, x := middle(1, 1, 64), middle(60000, 1, 64)
	resample(got, y, x, 1, picture{Image: img, canvas: img.Rect}.lines(1))
	if got[0] != 117 || got[63] != 117 {
		t.Errorf("the middle is %d to %d, want 117", got[0], got[63])
	}
	for _, size := range [][2]uint32{{1, 100_000_000}, {100_000_000, 1}} {
		err := decode(bytes.NewReader(sized(size[0], size[1], 8, 0, 0)), make([]byte, 64*64*3), 64, 3, Stretch)
		if err == nil || !strings.Contains(err.Error(), "making it 64x64 takes") {
			t.Errorf("%v stretched: error %v", size, err)
		}
	}
}

// FuzzDecode seeks files that end the program, or take more than their header says.
func FuzzDecode(f *testing.F) {
	all, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range all {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, byte(8), true)
	}
	f.Add(sized(100, 100, 8, 2, 1), byte(3), false)
	f.Fuzz(func(t *testing.T, raw []byte, size byte, crop bool) {
		fit := Stretch
		if crop {
			fit = Crop
		}
		if need, _, err := cost(bytes.NewReader(raw)); err != nil || need > 8<<20 {
			return // a fuzzer's time is better spent on small ones
		}
		side := 1 + int(size)%40
		_ = decode(bytes.NewReader(raw), make([]byte, side*side*3), side, 3, fit)
	})
}
