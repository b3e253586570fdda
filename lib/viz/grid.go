package viz

import (
	"fmt"
	"image"
)

const (
	gap      = 4
	maxSide  = 160 // a scaled-up image grows no larger than this
	rowGap   = 2 * gap
	labelGap = 10
)

// scaleFor is the whole factor that fills the width with n images side by side.
func (im Images) scaleFor(columns, between, width int) int {
	fit := (width - (columns-1)*between) / (columns * im.Width)
	return max(1, min(fit, maxSide/max(im.Width, im.Height)))
}

// Grid lays images out row by row, as many a row as there are columns.
func Grid(im Images, columns int) image.Image {
	im, err := im.sized()
	if err == nil && columns < 1 {
		err = fmt.Errorf("viz: grid of %d columns: there must be at least 1", columns)
	}
	if err != nil {
		return fail(err)
	}
	columns = min(columns, len(im.Pixels))
	rows := (len(im.Pixels) + columns - 1) / columns
	scale := im.scaleFor(columns, gap, notebookWidth-2*margin)
	w, h := im.Width*scale+gap, im.Height*scale+gap
	c := newCanvas(2*margin+columns*w-gap, 2*margin+rows*h-gap)
	for i := range im.Pixels {
		im.draw(c, i, image.Pt(margin+i%columns*w, margin+i/columns*h), scale)
	}
	return c
}
