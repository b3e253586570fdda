package images

import (
	"bufio"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif"  // a format that decode reads
	_ "image/jpeg" // as above
	_ "image/png"  // as above
	"io"
	"runtime"

	_ "github.com/spakin/netpbm" // as above: PPM, PGM, PBM
	_ "golang.org/x/image/bmp"   // as above
	_ "golang.org/x/image/tiff"  // as above
	_ "golang.org/x/image/webp"  // as above
)

// Fit says how a picture that isn't square becomes one.
type Fit int

// The ways to make a picture square.
const (
	Crop    Fit = iota // the middle square of it: torchvision's Resize and CenterCrop
	Stretch            // all of it, distorted: torchvision's Resize of both sides
)

// String is the constant's name in small letters.
func (f Fit) String() string {
	if f == Crop {
		return "crop"
	}
	return "stretch"
}

// decode reads a picture (of an animation, the first) and makes it size×size. Transparent parts become white. A camera's note of how it
// was held (EXIF's orientation) is not followed, as torchvision's ImageFolder doesn't: turn such photos beforehand.
// dst: [size, size, channels].
func decode(r io.ReadSeeker, dst []byte, size, channels int, fit Fit) error {
	return decodeTo(r, channels, func(of image.Point) (y, x axis) { return axes(of, size, fit) }, func() []byte { return dst })
}

// decodeTo reads a picture and resizes it as to says of its size. dst is asked for once, when nothing is too large: [y.count, x.count,
// channels].
func decodeTo(r io.ReadSeeker, channels int, to func(of image.Point) (y, x axis), dst func() []byte) (err error) {
	defer func() { // a format's decoder that a file brings to panic must not end a training
		if wrong := recover(); wrong != nil {
			err = fmt.Errorf("its decoder failed: %v", wrong)
		}
	}()
	need, head, err := cost(r)
	if err != nil {
		return err
	}
	y, x := to(head)
	if need += y.lines()*int64(x.count*channels) + 7*int64(x.from) + y.weights() + x.weights(); need > maxMemory {
		return fmt.Errorf("it is %dx%d, and making it %dx%d takes %d MB: %w", x.from, y.from, x.count, y.count, need>>20, errTooLarge)
	}
	if err := memory.Acquire(context.Background(), need); err != nil {
		return err
	}
	defer memory.Release(need)
	pic, err := read(r)
	if err != nil {
		return err
	}
	y, x = to(pic.canvas.Size())
	resample(dst(), y, x, channels, pic.lines(channels))
	if need > large {
		runtime.GC() // what was large is given back before another takes its place
	}
	return nil
}

// axes says how a picture of n pixels becomes size×size.
func axes(of image.Point, size int, fit Fit) (y, x axis) {
	if fit == Crop {
		shorter := min(of.X, of.Y)
		return middle(of.Y, shorter, size), middle(of.X, shorter, size)
	}
	return axis{of.Y, size, 0, size}, axis{of.X, size, 0, size}
}

// picture is an image on a canvas, which may be larger, as an animation's frame lies.
type picture struct {
	image.Image
	canvas image.Rectangle
	around color.Color // what the image leaves free and lets through
	video  bool        // its brightness is 16 to 235, as WebP's
}

// read decodes a picture, of an animation the first.
func read(r io.ReadSeeker) (picture, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return picture{}, err
	}
	in := bufio.NewReader(r)
	if isAnimatedWebP(in) {
		return firstWebP(in)
	}
	if isGIF(in) {
		return readGIF(in)
	}
	img, format, err := image.Decode(in)
	if err != nil {
		return picture{}, err
	}
	return picture{img, img.Bounds(), color.White, format == "webp"}, nil
}

// lines gives a function that gives a line of the picture, [width, channels], until it is asked for the next.
func (p picture) lines(channels int) func(y int) []byte {
	w := p.canvas.Dx()
	if grey, ok := p.Image.(*image.Gray); ok && channels == 1 && grey.Rect == p.canvas {
		return func(y int) []byte { return grey.Pix[y*grey.Stride : y*grey.Stride+w] }
	}
	fill := p.drawn()
	switch img := p.Image.(type) {
	case *image.YCbCr:
		if _, _, ok := halves(img.SubsampleRatio); ok {
			fill = p.colours(img, nil)
		}
	case *image.NYCbCrA:
		fill = p.colours(&img.YCbCr, img)
	}
	rgb, flat := make([]byte, 3*w), make([]byte, w)
	return func(y int) []byte {
		fill(y, rgb)
		if channels == 3 {
			return rgb
		}
		for i := range flat { // ITU-R 601-2, as Pillow's convert("L") has it
			flat[i] = byte((19595*uint32(rgb[3*i]) + 38470*uint32(rgb[3*i+1]) + 7471*uint32(rgb[3*i+2]) + 1<<15) >> 16)
		}
		return flat
	}
}

// drawn gives a function that fills a line, [width, 3], by image/draw.
func (p picture) drawn() func(y int, line []byte) {
	op := draw.Over
	if o, ok := p.Image.(interface{ Opaque() bool }); ok && o.Opaque() {
		op = draw.Src
	}
	around := image.NewUniform(p.around)
	rgba := image.NewRGBA(image.Rect(0, 0, p.canvas.Dx(), 1))
	return func(y int, line []byte) {
		draw.Draw(rgba, rgba.Rect, around, image.Point{}, draw.Src)
		draw.Draw(rgba, rgba.Rect, p.Image, image.Pt(p.canvas.Min.X, p.canvas.Min.Y+y), op)
		for i := range len(line) / 3 {
			copy(line[3*i:3*i+3], rgba.Pix[4*i:])
		}
	}
}

var errTooLarge = fmt.Errorf("want at least 1x1, at most %d million pixels and %d MB of memory", maxPixels>>20, maxMemory>>20)
