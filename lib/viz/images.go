package viz

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

// Images is a batch of pictures of one size, as models take and give them.
type Images struct {
	// Pixels holds one slice a picture: [Height, Width, Channels] flat, 0 black to 1 full. Values outside
	// are clipped; NaN is drawn magenta.
	Pixels [][]float32
	// Height and Width may both be 0: the pictures are square then, grey or RGB as their length tells.
	Height, Width int
	// Channels is 1 for grey, 3 for RGB; 0 means what length, height and width tell.
	Channels int
}

// sized fills in the sizes left to be told by the pictures' length, and checks all.
func (im Images) sized() (Images, error) {
	if len(im.Pixels) == 0 {
		return im, fmt.Errorf("viz: no images to draw")
	}
	n := len(im.Pixels[0])
	if n == 0 {
		return im, fmt.Errorf("viz: image 0 has no pixels")
	}
	if im.Height < 0 || im.Width < 0 || (im.Height == 0) != (im.Width == 0) {
		return im, fmt.Errorf("viz: images of height %d and width %d: both must be positive, or both 0 for square ones", im.Height, im.Width)
	}
	if im.Channels != 0 && im.Channels != 1 && im.Channels != 3 {
		return im, fmt.Errorf("viz: images with %d channels: there must be 1 (grey), 3 (RGB), or 0 to tell by their length", im.Channels)
	}
	if im.Height == 0 {
		for _, c := range []int{1, 3} { // no number is both a square and three times one
			side := int(math.Round(math.Sqrt(float64(n) / float64(c))))
			if side*side*c == n && (im.Channels == 0 || im.Channels == c) {
				im.Height, im.Width, im.Channels = side, side, c
			}
		}
		if im.Height == 0 {
			return im, fmt.Errorf("viz: images of %d values are not square; give Height and Width", n)
		}
	}
	if im.Channels == 0 {
		im.Channels = 1
		if n == im.Height*im.Width*3 {
			im.Channels = 3
		}
	}
	for i, p := range im.Pixels {
		if len(p) != im.Height*im.Width*im.Channels {
			return im, fmt.Errorf("viz: image %d has %d values: there must be %d (%d high, %d wide, %d channels)",
				i, len(p), im.Height*im.Width*im.Channels, im.Height, im.Width, im.Channels)
		}
	}
	return im, nil
}

// draw puts picture i at a place, each pixel scale x scale: nearest neighbour, so that small digits stay sharp.
func (im Images) draw(dst *image.RGBA, i int, at image.Point, scale int) {
	p, c := im.Pixels[i], im.Channels
	for y := range im.Height {
		for x := range im.Width {
			fill(dst, image.Rect(0, 0, scale, scale).Add(at).Add(image.Pt(x*scale, y*scale)), pixel(p[(y*im.Width+x)*c:][:c]))
		}
	}
}

// pixel is the colour of one grey or RGB value.
func pixel(v []float32) color.RGBA {
	var b [3]uint8
	for i := range b {
		f := v[i%len(v)]
		if f != f {
			return color.RGBA{255, 0, 255, 255}
		}
		b[i] = uint8(min(max(f, 0), 1)*255 + 0.5)
	}
	return color.RGBA{b[0], b[1], b[2], 255}
}

// fill colours a rectangle that lies within dst.
func fill(dst *image.RGBA, r image.Rectangle, c color.RGBA) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := dst.Pix[dst.PixOffset(r.Min.X, y):dst.PixOffset(r.Max.X, y)]
		for x := 0; x < len(row); x += 4 {
			row[x], row[x+1], row[x+2], row[x+3] = c.R, c.G, c.B, 255
		}
	}
}
