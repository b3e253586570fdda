package viz

import (
	"fmt"
	"image"
	"slices"
	"strconv"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Classes gives each point of a scatter its class.
type Classes struct {
	Of    []int    // class of each point, from 0; nil: all alike
	Names []string // by class; nil: the numbers
}

// ClassesOf makes Classes from labels as data sets hold them.
func ClassesOf[T ~uint8 | ~int32 | ~int64 | ~int](labels []T, names ...string) Classes {
	c := Classes{Of: make([]int, len(labels)), Names: names}
	for i, l := range labels {
		c.Of[i] = int(l)
	}
	return c
}

// Scatter draws points [N][2], such as the codes of a two-dimensional latent space, coloured by class, with a
// legend of the classes that occur. Colours repeat after ten classes, with another shape.
func Scatter(points [][]float32, classes Classes, cfg PlotConfig) image.Image {
	if err := cfg.linear("a scatter"); err != nil {
		return fail(err)
	}
	if len(points) == 0 {
		return fail(fmt.Errorf("viz: no points to draw"))
	}
	if classes.Of != nil && len(classes.Of) != len(points) {
		return fail(fmt.Errorf("viz: %d points, but classes of %d: there must be as many", len(points), len(classes.Of)))
	}
	xys := make(plotter.XYs, len(points))
	for i, p := range points {
		if len(p) != 2 {
			return fail(fmt.Errorf("viz: point %d has %d coordinates: there must be 2", i, len(p)))
		}
		if xys[i] = (plotter.XY{X: float64(p[0]), Y: float64(p[1])}); !finite(xys[i].X) || !finite(xys[i].Y) {
			return fail(fmt.Errorf("viz: point %d is (%g, %g): it must be finite", i, p[0], p[1]))
		}
	}
	for i, c := range classes.Of {
		if c < 0 || classes.Names != nil && c >= len(classes.Names) {
			return fail(fmt.Errorf("viz: point %d has class %d: it must be 0 or more, below the %d names where there are any", i, c, len(classes.Names)))
		}
	}

	radius := vg.Points(2.5)
	if len(points) > 2000 {
		radius = vg.Points(1.5)
	}
	shapes := []draw.GlyphDrawer{draw.CircleGlyph{}, draw.PyramidGlyph{}, draw.BoxGlyph{}}
	style := func(class int, radius vg.Length) draw.GlyphStyle {
		n := len(classColors)
		return draw.GlyphStyle{Color: classColors[class%n], Shape: shapes[class/n%len(shapes)], Radius: radius}
	}
	p := newPlot(cfg)
	// One plotter for all, in the order given: no class lies wholly above another.
	p.Add(&plotter.Scatter{XYs: xys, GlyphStyleFunc: func(i int) draw.GlyphStyle {
		if classes.Of == nil {
			return draw.GlyphStyle{Color: lineColors[0], Shape: draw.CircleGlyph{}, Radius: radius}
		}
		return style(classes.Of[i], radius)
	}})

	var legend []entry
	for _, c := range slices.Compact(slices.Sorted(slices.Values(classes.Of))) {
		name := strconv.Itoa(c)
		if classes.Names != nil {
			name = classes.Names[c]
		}
		legend = append(legend, entry{name, &plotter.Scatter{GlyphStyle: style(c, vg.Points(4))}})
	}
	return render(p, legend, squareish)
}
