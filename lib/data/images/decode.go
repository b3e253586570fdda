package images

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif"  // a format that decode reads
	_ "image/jpeg" // as above
	_ "image/png"  // as above
	"io"

	_ "golang.org/x/image/webp" // as above
)

// Fit says how a picture that isn't square becomes one.
type Fit int

// The ways to make a picture square.
const (
	Crop    Fit = iota // the middle square of it, torchvision's Resize and CenterCrop
	Stretch            // all of it, distorted
)

// String is the constant's name in small letters.
func (f Fit) String() string {
	if f == Crop {
		return "crop"
	}
	return "stretch"
}

// maxPixels guards against a small file that claims a picture larger than memory.
const maxPixels = 100 << 20

// decode reads a picture (of an animation, the first) and makes it size×size. Transparent parts become white.
// dst: [size, size, channels].
func decode(r io.ReadSeeker, dst []byte, size, channels int, fit Fit) error {
	head, _, err := image.DecodeConfig(bufio.NewReader(r))
	if err != nil {
		return err
	}
	if head.Width < 1 || head.Height < 1 || head.Width > maxPixels/head.Height {
		return fmt.Errorf("it is %dx%d; want at least 1x1 and at most %d million pixels", head.Width, head.Height, maxPixels>>20)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	img, _, err := image.Decode(bufio.NewReader(r))
	if err != nil {
		return err
	}
	part := img.Bounds()
	if fit == Crop {
		side := min(part.Dx(), part.Dy())
		left, top := part.Min.X+(part.Dx()-side)/2, part.Min.Y+(part.Dy()-side)/2
		part = image.Rect(left, top, left+side, top+side)
	}
	pixels := flatten(img, part, channels)
	Resize(dst, size, size, pixels, part.Dy(), part.Dx(), channels)
	return nil
}

// flatten copies a part of a picture to bytes [height, width, channels].
func flatten(img image.Image, part image.Rectangle, channels int) []byte {
	w, h := part.Dx(), part.Dy()
	if grey, ok := img.(*image.Gray); ok && channels == 1 {
		flat := make([]byte, w*h)
		for y := range h {
			copy(flat[y*w:(y+1)*w], grey.Pix[grey.PixOffset(part.Min.X, part.Min.Y+y):])
		}
		return flat
	}
	canvas := image.NewRGBA(image.Rect(0, 0, w, h))
	if o, ok := img.(interface{ Opaque() bool }); !ok || !o.Opaque() {
		draw.Draw(canvas, canvas.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
		draw.Draw(canvas, canvas.Bounds(), img, part.Min, draw.Over)
	} else {
		draw.Draw(canvas, canvas.Bounds(), img, part.Min, draw.Src)
	}
	flat := make([]byte, 0, w*h*channels)
	for i := 0; i < len(canvas.Pix); i += 4 {
		r, g, b := canvas.Pix[i], canvas.Pix[i+1], canvas.Pix[i+2]
		if channels == 3 {
			flat = append(flat, r, g, b)
			continue
		}
		// ITU-R 601-2, as Pillow's convert("L") has it.
		flat = append(flat, byte((19595*uint32(r)+38470*uint32(g)+7471*uint32(b)+1<<15)>>16))
	}
	return flat
}
