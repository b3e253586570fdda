package viz

import (
	"fmt"
	"image"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Curve is one line of a plot: a loss over the steps of a run.
type Curve struct {
	Name string
	X    []float64 // nil means 1, 2, 3, ...
	Y    []float64 // NaN and infinities leave a gap
}

// Curves draws lines over one another, with a legend when they have names. Of many thousand points it keeps each
// stretch's lowest and highest, so that no spike is lost.
func Curves(curves []Curve, cfg PlotConfig) image.Image {
	p := newPlot(cfg)
	var legend []entry
	drawn := false
	for i, c := range curves {
		if c.X != nil && len(c.X) != len(c.Y) {
			return fail(fmt.Errorf("viz: curve %d (%s) has %d x values and %d y values: there must be as many, or no x", i, c.Name, len(c.X), len(c.Y)))
		}
		style := draw.LineStyle{Color: lineColors[i%len(lineColors)], Width: vg.Points(1.5)}
		if round := i / len(lineColors); round > 0 { // colours used up: dashes, longer each time
			style.Dashes = []vg.Length{vg.Points(3 * float64(round)), vg.Points(2)}
		}
		for _, run := range c.runs(cfg.LogX, cfg.LogY) {
			drawn = true
			if len(run) == 1 {
				p.Add(&plotter.Scatter{XYs: run, GlyphStyle: draw.GlyphStyle{Color: style.Color, Radius: vg.Points(2.5), Shape: draw.CircleGlyph{}}})
				continue
			}
			p.Add(&plotter.Line{XYs: thin(run), LineStyle: style})
		}
		if c.Name != "" {
			legend = append(legend, entry{c.Name, &plotter.Line{LineStyle: style}})
		}
	}
	if !drawn {
		return fail(fmt.Errorf("viz: nothing to draw: %d curves without one finite value%s", len(curves), map[bool]string{true: " above 0"}[cfg.LogX || cfg.LogY]))
	}
	if cfg.LogX {
		logarithmic(&p.X)
	}
	if cfg.LogY {
		logarithmic(&p.Y)
	}
	return render(p, legend, curveHeight)
}

func logarithmic(a *plot.Axis) {
	if a.Min == a.Max {
		a.Min, a.Max = a.Min/2, a.Max*2
	}
	a.Scale, a.Tick.Marker = plot.LogScale{}, logTicks{}
}

// runs cuts a curve at the values that can't be drawn.
func (c Curve) runs(positiveX, positiveY bool) (runs []plotter.XYs) {
	var run plotter.XYs
	for i, y := range c.Y {
		x := float64(i + 1)
		if c.X != nil {
			x = c.X[i]
		}
		if !finite(x) || !finite(y) || positiveX && x <= 0 || positiveY && y <= 0 {
			if run != nil {
				runs = append(runs, run)
			}
			run = nil
			continue
		}
		run = append(run, plotter.XY{X: x, Y: y})
	}
	if run != nil {
		runs = append(runs, run)
	}
	return runs
}

// thin keeps the lowest and the highest point of each stretch when there are more points than pixels show.
func thin(run plotter.XYs) plotter.XYs {
	const stretches = notebookWidth
	if len(run) <= 2*stretches {
		return run
	}
	out := plotter.XYs{run[0]}
	for s := range stretches {
		part := run[s*len(run)/stretches : (s+1)*len(run)/stretches]
		low, high := 0, 0
		for i, p := range part {
			if p.Y < part[low].Y {
				low = i
			}
			if p.Y > part[high].Y {
				high = i
			}
		}
		out = append(out, part[min(low, high)], part[max(low, high)])
	}
	return append(out, run[len(run)-1])
}
