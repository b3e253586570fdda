package images

import (
	"image"
	"image/color"
)

// JPEG and lossy WebP keep colour in half of the lines and columns. image/draw gives each pixel the nearest that is kept; libjpeg and
// libwebp, and so Pillow and torchvision, spread them by a triangle, and edges differ visibly.

// halves says along which axes colour is kept for every other pixel alone; not ok where it is kept for fewer.
func halves(r image.YCbCrSubsampleRatio) (x, y, ok bool) {
	switch r {
	case image.YCbCrSubsampleRatio444:
		return false, false, true
	case image.YCbCrSubsampleRatio422:
		return true, false, true
	case image.YCbCrSubsampleRatio420:
		return true, true, true
	case image.YCbCrSubsampleRatio440:
		return false, true, true
	}
	return false, false, false
}

// plane is a picture's one colour, at full size or half.
type plane struct {
	pix           []byte
	stride        int
	width, height int // of what is kept
	halfX, halfY  bool
}

func newPlane(pix []byte, stride int, size image.Point, halfX, halfY bool) plane {
	p := plane{pix, stride, size.X, size.Y, halfX, halfY}
	if halfX {
		p.width = (size.X + 1) / 2
	}
	if halfY {
		p.height = (size.Y + 1) / 2
	}
	return p
}

// spread fills a line of the whole picture: three parts of the nearest value and one of the next, along each halved axis, rounded as
// libjpeg does (jdsample.c, h2v1_fancy_upsample and its like).
func (p plane) spread(line []byte, y int) {
	near, far := y, y
	if p.halfY {
		near = y / 2
		far = min(max(near-1+2*(y&1), 0), p.height-1)
	}
	a, b := p.pix[near*p.stride:], p.pix[far*p.stride:]
	plain := p.halfX && p.width <= 2 // as in libjpeg
	switch {
	case plain:
		for x := range line {
			line[x] = a[x/2]
		}
	case p.halfX:
		for x := range line {
			at := x / 2
			next := min(max(at-1+2*(x&1), 0), p.width-1)
			if !p.halfY {
				line[x] = byte((3*int(a[at]) + int(a[next]) + 1 + x&1) >> 2)
				continue
			}
			line[x] = byte((3*(3*int(a[at])+int(b[at])) + 3*int(a[next]) + int(b[next]) + 8 - x&1) >> 4)
		}
	case p.halfY:
		for x := range line {
			line[x] = byte((3*int(a[x]) + int(b[x]) + 1 + y&1) >> 2)
		}
	default:
		copy(line, a)
	}
}

// colours gives a function that fills a line, [width, 3], of a picture of brightness and colour. alpha may be nil.
func (p picture) colours(img *image.YCbCr, alpha *image.NYCbCrA) func(y int, line []byte) {
	size := img.Rect.Size()
	halfX, halfY, _ := halves(img.SubsampleRatio)
	blue, red := newPlane(img.Cb, img.CStride, size, halfX, halfY), newPlane(img.Cr, img.CStride, size, halfX, halfY)
	cb, cr := make([]byte, size.X), make([]byte, size.X)
	toRGB := color.YCbCrToRGB
	if p.video {
		toRGB = videoToRGB
	}
	r, g, b, _ := p.around.RGBA()
	around := [3]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)}
	return func(y int, line []byte) {
		for i := range line {
			line[i] = around[i%3]
		}
		y += p.canvas.Min.Y - img.Rect.Min.Y
		if y < 0 || y >= size.Y {
			return
		}
		blue.spread(cb, y)
		red.spread(cr, y)
		line = line[3*(img.Rect.Min.X-p.canvas.Min.X):]
		for x, brightness := range img.Y[y*img.YStride : y*img.YStride+size.X] {
			c := line[3*x : 3*x+3]
			r, g, b := toRGB(brightness, cb[x], cr[x])
			if alpha == nil {
				c[0], c[1], c[2] = r, g, b
				continue
			}
			a := int(alpha.A[y*alpha.AStride+x])
			for i, v := range [3]byte{r, g, b} {
				c[i] = byte((int(v)*a + int(c[i])*(255-a) + 127) / 255)
			}
		}
	}
}

// videoToRGB is the conversion of WebP (RFC 6386, section 9.2; libwebp's src/dsp/yuv.h): brightness is 16 to 235, which
// golang.org/x/image leaves as it is.
func videoToRGB(y, cb, cr uint8) (r, g, b uint8) {
	scaled, u, v := int(y)*19077>>8, int(cb), int(cr)
	return clip(scaled + v*26149>>8 - 14234), clip(scaled - u*6419>>8 - v*13320>>8 + 8708), clip(scaled + u*33050>>8 - 17685)
}

// clip rounds a value with six bits behind the point to a byte.
func clip(v int) uint8 { return uint8(min(max(v>>6, 0), 255)) }
