package viz

import (
	"errors"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

const (
	notebookWidth = 800 // pixels that a notebook's output area shows without scrolling
	margin        = 12
	textSize      = 13
)

var (
	paper = color.RGBA{255, 255, 255, 255}
	ink   = color.RGBA{0x22, 0x22, 0x22, 255}
	frame = color.RGBA{0xc8, 0xc8, 0xc8, 255} // sets the picture off from a white page
)

// newCanvas is an empty sheet with its frame.
func newCanvas(width, height int) *image.RGBA {
	c := image.NewRGBA(image.Rect(0, 0, width, height))
	fill(c, c.Bounds(), paper)
	drawFrame(c)
	return c
}

func drawFrame(c draw.Image) {
	b := c.Bounds()
	for x := b.Min.X; x < b.Max.X; x++ {
		c.Set(x, b.Min.Y, frame)
		c.Set(x, b.Max.Y-1, frame)
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		c.Set(b.Min.X, y, frame)
		c.Set(b.Max.X-1, y, frame)
	}
}

// Liberation Sans holds Latin, Greek and Cyrillic.
var sans = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(liberationsansregular.TTF) })

// newFace makes a face of the labels' font; faces can't be shared by goroutines.
func newFace(size float64) (font.Face, error) {
	f, err := sans()
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
}

// write puts a line of text with its left end and middle height at a place.
func write(dst *image.RGBA, face font.Face, s string, left, middle int) {
	d := font.Drawer{Dst: dst, Src: image.NewUniform(ink), Face: face}
	d.Dot = fixed.P(left, middle+face.Metrics().CapHeight.Round()/2)
	d.DrawString(drawable(s))
}

func textWidth(face font.Face, s string) int { return font.MeasureString(face, drawable(s)).Ceil() }

// drawable is s with _ for the ▁ before a vocabulary's words, which the font lacks.
func drawable(s string) string { return strings.ReplaceAll(s, "▁", "_") }

// failed is the picture of an error.
type failed struct {
	image.Image
	err error
}

// Err says why a picture could not be drawn; nil for one that was.
func Err(img image.Image) error {
	if img == nil {
		return errors.New("viz: no picture (nil)")
	}
	if f, ok := img.(failed); ok {
		return f.err
	}
	return nil
}

// fail draws the error's words, for whoever shows pictures by other means than Show and Save.
func fail(err error) image.Image {
	face, faceErr := newFace(textSize)
	if faceErr != nil {
		return failed{newCanvas(notebookWidth, 2*margin), errors.Join(err, faceErr)}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(err.Error()) {
		if line != "" && textWidth(face, line+" "+word) > notebookWidth-2*margin {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	lines = append(lines, line)
	c := newCanvas(notebookWidth, 2*margin+18*len(lines))
	for i, l := range lines {
		write(c, face, l, margin, margin+18*i+9)
	}
	return failed{c, err}
}
