package viz

import (
	"fmt"
	"image"
	"math"
)

// Manifold draws what a model makes over a grid of its two latent numbers: image i*len(xs)+j stands at
// (xs[j], ys[i]), the first row at the top. The latent values are written along both sides.
func Manifold(im Images, xs, ys []float64) image.Image {
	im, err := im.sized()
	if err == nil && len(xs)*len(ys) != len(im.Pixels) {
		err = fmt.Errorf("viz: %d images for a grid of %d by %d values: there must be %d", len(im.Pixels), len(ys), len(xs), len(xs)*len(ys))
	}
	if err != nil {
		return fail(err)
	}
	face, err := newFace(textSize)
	if err != nil {
		return fail(err)
	}
	const left, bottom = 44, 22
	scale := im.scaleFor(len(xs), 0, notebookWidth-2*margin-left)
	w, h := im.Width*scale, im.Height*scale
	c := newCanvas(2*margin+left+len(xs)*w, 2*margin+bottom+len(ys)*h)
	for i := range im.Pixels {
		im.draw(c, i, image.Pt(margin+left+i%len(xs)*w, margin+i/len(xs)*h), scale)
	}
	// Every value where there is room for its text, else every second, third, ...
	every := (left-6)/w + 1
	for j := 0; j < len(xs); j += every {
		s := latentText(xs[j])
		write(c, face, s, margin+left+j*w+w/2-textWidth(face, s)/2, margin+len(ys)*h+bottom/2+3)
	}
	every = 16/h + 1
	for i := 0; i < len(ys); i += every {
		s := latentText(ys[i])
		write(c, face, s, margin+left-labelGap-textWidth(face, s), margin+i*h+h/2)
	}
	return c
}

// latentText writes a latent value short enough to stand beside a small picture.
func latentText(v float64) string { return axisText(math.Round(v*100) / 100) }
