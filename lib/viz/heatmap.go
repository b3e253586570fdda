package viz

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font"
)

// viridis, matplotlib's colour map for magnitudes, at ten even places; grey print and colour-blind readers keep its order.
var viridis = []color.RGBA{
	{0x44, 0x01, 0x54, 255}, {0x48, 0x28, 0x78, 255}, {0x3e, 0x49, 0x89, 255}, {0x31, 0x68, 0x8e, 255},
	{0x26, 0x82, 0x8e, 255}, {0x1f, 0x9e, 0x89, 255}, {0x35, 0xb7, 0x79, 255}, {0x6e, 0xce, 0x58, 255},
	{0xb5, 0xde, 0x2b, 255}, {0xfd, 0xe7, 0x25, 255},
}

// colormap is viridis between its places; v in [0, 1].
func colormap(v float64) color.RGBA {
	f := min(max(v, 0), 1) * float64(len(viridis)-1)
	i := min(int(f), len(viridis)-2)
	a, b, t := viridis[i], viridis[i+1], f-float64(i)
	mix := func(x, y uint8) uint8 { return uint8(float64(x)*(1-t) + float64(y)*t + 0.5) }
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}

// Heatmap draws a matrix [rows][columns], such as the attention of each query to each key, with a name before each row and
// above each column (nil: none), and the scale of its colours, from the lowest value to the highest. What is not finite
// (a mask) stays grey.
func Heatmap(values [][]float32, rows, columns []string, cfg PlotConfig) image.Image {
	if err := cfg.linear("a heatmap"); err != nil {
		return fail(err)
	}
	if len(values) == 0 || len(values[0]) == 0 {
		return fail(fmt.Errorf("viz: heatmap without values"))
	}
	if rows != nil && len(rows) != len(values) || columns != nil && len(columns) != len(values[0]) {
		return fail(fmt.Errorf("viz: heatmap of %d rows and %d columns with %d and %d names: there must be as many, or none",
			len(values), len(values[0]), len(rows), len(columns)))
	}
	low, high := math.Inf(1), math.Inf(-1)
	for i, row := range values {
		if len(row) != len(values[0]) {
			return fail(fmt.Errorf("viz: heatmap row %d has %d values, the first %d: there must be one length", i, len(row), len(values[0])))
		}
		for _, v := range row {
			if f := float64(v); finite(f) {
				low, high = min(low, f), max(high, f)
			}
		}
	}
	if math.IsInf(low, 0) {
		return fail(fmt.Errorf("viz: heatmap without one finite value"))
	}
	face, err := newFace(textSize)
	if err != nil {
		return fail(err)
	}
	const (
		line         = 20 // the height of a line of text
		bar, barText = 14, 70
	)
	left, top := margin, margin
	if cfg.Y != "" {
		left += line
	}
	for _, texts := range []string{cfg.Title, cfg.X} {
		if texts != "" {
			top += line
		}
	}
	rowNames, columnNames := widest(face, rows), widest(face, columns)
	matrixX, matrixY := left+rowNames, top+columnNames

	n, m := len(values), len(values[0])
	w := max(1, min(40, (notebookWidth-matrixX-bar-barText-3*margin)/m))
	h := min(w, max(1, 1000/n))
	if rows != nil {
		h = max(h, line-4)
	}
	if columns != nil {
		w = max(w, line-4)
	}
	width, height := m*w, max(n*h, 4*line)
	texts := min(notebookWidth, 2*margin+max(textWidth(face, cfg.Title), textWidth(face, cfg.X)))
	c := newCanvas(max(texts, matrixX+width+2*margin+bar+barText), matrixY+height+margin)

	shade := func(v float64) color.RGBA {
		if !finite(v) {
			return frame
		}
		if high == low {
			return colormap(0.5)
		}
		return colormap((v - low) / (high - low))
	}
	for i, row := range values {
		for j, v := range row {
			fill(c, image.Rect(0, 0, w, h).Add(image.Pt(matrixX+j*w, matrixY+i*h)), shade(float64(v)))
		}
	}
	for i, s := range rows {
		write(c, face, s, matrixX-labelGap/2-textWidth(face, s), matrixY+i*h+h/2)
	}
	for j, s := range columns {
		writeUp(c, face, s, matrixX+j*w+w/2, matrixY-labelGap/2)
	}
	middle := matrixX + width/2
	if cfg.Title != "" {
		write(c, face, cfg.Title, max(margin, middle-textWidth(face, cfg.Title)/2), margin+line/2-3)
	}
	if cfg.X != "" {
		write(c, face, cfg.X, max(margin, middle-textWidth(face, cfg.X)/2), top-line/2-3)
	}
	if cfg.Y != "" {
		writeUp(c, face, cfg.Y, margin+line/2-4, matrixY+n*h/2+textWidth(face, cfg.Y)/2)
	}

	x := matrixX + width + margin
	for y := range height {
		at := 1 - float64(y)/float64(height-1)
		fill(c, image.Rect(x, matrixY+y, x+bar, matrixY+y+1), shade(low+(high-low)*at))
	}
	write(c, face, fmt.Sprintf("%.3g", high), x+bar+labelGap/2, matrixY+6)
	write(c, face, fmt.Sprintf("%.3g", low), x+bar+labelGap/2, matrixY+height-6)
	return c
}

// widest is the room that names take, with the space after them.
func widest(face font.Face, names []string) (w int) {
	for _, s := range names {
		w = max(w, textWidth(face, s)+labelGap)
	}
	return w
}

// writeUp writes a line that reads upwards, its middle at x and its beginning at y.
func writeUp(dst *image.RGBA, face font.Face, s string, x, y int) {
	const high = 24
	flat := image.NewRGBA(image.Rect(0, 0, textWidth(face, s)+1, high))
	draw.Draw(flat, flat.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	write(flat, face, s, 0, high/2)
	for fy := range high {
		for fx := range flat.Bounds().Dx() {
			if p := flat.RGBAAt(fx, fy); p != paper {
				dst.SetRGBA(x-high/2+fy, y-fx, p)
			}
		}
	}
}
