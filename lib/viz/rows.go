package viz

import (
	"fmt"
	"image"
)

// Row is a line of images with the name that stands before it.
type Row struct {
	Name   string
	Images Images
}

// Compare sets rows one under the other so that the same place in each shows the same thing: originals
// and their reconstructions. After n columns it goes on below.
func Compare(rows []Row, columns int) image.Image {
	if columns < 1 {
		return fail(fmt.Errorf("viz: comparison of %d columns: there must be at least 1", columns))
	}
	return drawRows(rows, columns, gap)
}

// Strip draws each row as one unbroken line of images: interpolations, or frames in time.
func Strip(rows []Row) image.Image {
	columns := 1
	for _, r := range rows {
		columns = max(columns, len(r.Images.Pixels))
	}
	return drawRows(rows, columns, 0)
}

func drawRows(rows []Row, columns, between int) image.Image {
	if len(rows) == 0 {
		return fail(fmt.Errorf("viz: no rows to draw"))
	}
	face, err := newFace(textSize)
	if err != nil {
		return fail(err)
	}
	sized := make([]Images, len(rows))
	label := 0
	for i, r := range rows {
		if sized[i], err = r.Images.sized(); err != nil {
			return fail(fmt.Errorf("row %d (%s): %w", i, r.Name, err))
		}
		if n, first := len(sized[i].Pixels), len(sized[0].Pixels); n != first {
			return fail(fmt.Errorf("viz: row %d (%s) has %d images, the first row %d: there must be as many in each", i, r.Name, n, first))
		}
		if sized[i].Width != sized[0].Width || sized[i].Height != sized[0].Height {
			return fail(fmt.Errorf("viz: row %d (%s) has images %d high and %d wide, the first row %d and %d: there must be one size",
				i, r.Name, sized[i].Height, sized[i].Width, sized[0].Height, sized[0].Width))
		}
		if r.Name != "" {
			label = max(label, textWidth(face, r.Name)+labelGap)
		}
	}
	n := len(sized[0].Pixels)
	columns = min(columns, n)
	scale := sized[0].scaleFor(columns, between, notebookWidth-2*margin-label)
	w, h := sized[0].Width*scale+between, sized[0].Height*scale+gap
	blocks := (n + columns - 1) / columns
	block := len(rows)*h + rowGap
	c := newCanvas(2*margin+label+columns*w-between, 2*margin+blocks*block-rowGap-gap)
	for b := range blocks {
		for r, im := range sized {
			top := margin + b*block + r*h
			write(c, face, rows[r].Name, margin, top+im.Height*scale/2)
			for i := b * columns; i < min((b+1)*columns, n); i++ {
				im.draw(c, i, image.Pt(margin+label+i%columns*w, top), scale)
			}
		}
	}
	return c
}
