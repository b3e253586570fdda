package viz

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Band is an interval around a forecast.
type Band struct {
	Name         string
	Lower, Upper []float64
}

// Fan is what a model expects after the end of a series.
type Fan struct {
	Name   string // "forecast" when empty
	Mean   []float64
	Bands  []Band    // the widest first; each as long as Mean
	Actual []float64 // what came instead, where it is known: as long as Mean, or nil
}

// Forecast draws a series and the fan that continues it. times has a date for each value of the series and of the fan; nil
// counts 1, 2, 3, …. Missing values (NaN) leave gaps. An empty fan leaves the series alone.
func Forecast(times []time.Time, values []float64, fan Fan, cfg PlotConfig) image.Image {
	if err := cfg.linear("a forecast"); err != nil {
		return fail(err)
	}
	n, steps := len(values), len(fan.Mean)
	if times != nil && len(times) != n+steps {
		return fail(fmt.Errorf("viz: %d times for %d values and a fan of %d: there must be a time for each", len(times), n, steps))
	}
	if fan.Actual != nil && len(fan.Actual) != steps {
		return fail(fmt.Errorf("viz: a fan of %d with %d actual values: there must be as many", steps, len(fan.Actual)))
	}
	x := make([]float64, n+steps)
	for i := range x {
		x[i] = float64(i + 1)
	}
	p := newPlot(cfg)
	if times != nil {
		var ticks plot.Ticker
		if x, ticks = dateAxis(times); ticks != nil {
			p.X.Tick.Marker = ticks
		}
	}
	var legend []entry
	for i, b := range fan.Bands {
		if len(b.Lower) != steps || len(b.Upper) != steps {
			return fail(fmt.Errorf("viz: band %d (%s) has %d lower and %d upper bounds for a fan of %d: there must be as many", i, b.Name, len(b.Lower), len(b.Upper), steps))
		}
		// The fan opens at the last value that is known.
		var outline plotter.XYs
		if n > 0 && finite(values[n-1]) {
			outline = append(outline, plotter.XY{X: x[n-1], Y: values[n-1]})
		}
		for t, v := range b.Upper {
			outline = append(outline, plotter.XY{X: x[n+t], Y: v})
		}
		for t := steps - 1; t >= 0; t-- {
			outline = append(outline, plotter.XY{X: x[n+t], Y: b.Lower[t]})
		}
		for _, point := range outline {
			if !finite(point.Y) {
				return fail(fmt.Errorf("viz: band %d (%s) holds %g: bounds must be finite", i, b.Name, point.Y))
			}
		}
		shade := tint(lineColors[1], 0.22*float64(i+1))
		area := &plotter.Polygon{XYs: []plotter.XYs{outline}, Color: shade}
		p.Add(area)
		if b.Name != "" {
			legend = append(legend, entry{b.Name, area})
		}
	}
	drawn := false
	add := func(name string, x, y []float64, style draw.LineStyle) {
		for _, run := range (Curve{X: x, Y: y}).runs(false, false) {
			drawn = true
			if len(run) == 1 {
				p.Add(&plotter.Scatter{XYs: run, GlyphStyle: draw.GlyphStyle{Color: style.Color, Radius: vg.Points(2), Shape: draw.CircleGlyph{}}})
				continue
			}
			p.Add(&plotter.Line{XYs: thin(run), LineStyle: style})
		}
		if name != "" && steps > 0 {
			legend = append(legend, entry{name, &plotter.Line{LineStyle: style}})
		}
	}
	past := draw.LineStyle{Color: lineColors[0], Width: vg.Points(1.2)}
	add("series", x[:n], values, past)
	if steps > 0 {
		name := fan.Name
		if name == "" {
			name = "forecast"
		}
		if fan.Actual != nil {
			past.Dashes = []vg.Length{vg.Points(3), vg.Points(2)}
			add("what came", x[n:], fan.Actual, past)
		}
		add(name, x[n:], fan.Mean, draw.LineStyle{Color: lineColors[1], Width: vg.Points(1.5)})
	}
	if !drawn {
		return fail(fmt.Errorf("viz: nothing to draw: a series of %d and a fan of %d without one finite value", n, steps))
	}
	return render(p, legend, curveHeight)
}

// dateAxis turns dates into numbers and says how to mark them: years with fractions over long spans, else days.
func dateAxis(times []time.Time) (x []float64, ticks plot.Ticker) {
	x = make([]float64, len(times))
	if len(times) == 0 {
		return x, nil
	}
	long := times[len(times)-1].Sub(times[0]) > 4*365*24*time.Hour
	for i, t := range times {
		if !long {
			x[i] = float64(t.Unix())
			continue
		}
		start := time.Date(t.Year(), 1, 1, 0, 0, 0, 0, t.Location())
		x[i] = float64(t.Year()) + t.Sub(start).Hours()/start.AddDate(1, 0, 0).Sub(start).Hours()
	}
	if !long {
		return x, plot.TimeTicks{Format: "2 Jan 06"}
	}
	return x, nil
}

// tint mixes a colour into white.
func tint(c color.Color, share float64) color.Color {
	r, g, b, _ := c.RGBA()
	mix := func(v uint32) uint8 { return uint8(math.Round(255 - share*(255-float64(v>>8)))) }
	return color.RGBA{mix(r), mix(g), mix(b), 255}
}

// Correlogram draws autocorrelations, or partial ones, from lag 0 on, and the band in which 19 of 20 of them would lie
// if n observations had none (Bartlett 1946).
func Correlogram(correlations []float64, n int, cfg PlotConfig) image.Image {
	if err := cfg.linear("a correlogram"); err != nil {
		return fail(err)
	}
	if len(correlations) < 2 || n < 1 {
		return fail(fmt.Errorf("viz: %d correlations of %d observations: there must be two or more lags, and an observation", len(correlations), n))
	}
	p := newPlot(cfg)
	last, bound := float64(len(correlations)), 1.96/math.Sqrt(float64(n))
	band := &plotter.Polygon{
		XYs:   []plotter.XYs{{{X: -1, Y: bound}, {X: last, Y: bound}, {X: last, Y: -bound}, {X: -1, Y: -bound}}},
		Color: tint(lineColors[0], 0.2),
	}
	p.Add(band)
	for lag, v := range correlations {
		if !finite(v) {
			return fail(fmt.Errorf("viz: the correlation at lag %d is %g: it must be finite", lag, v))
		}
		stem := plotter.XYs{{X: float64(lag), Y: 0}, {X: float64(lag), Y: v}}
		p.Add(&plotter.Line{XYs: stem, LineStyle: draw.LineStyle{Color: lineColors[0], Width: vg.Points(1.5)}})
		p.Add(&plotter.Scatter{XYs: stem[1:], GlyphStyle: draw.GlyphStyle{Color: lineColors[0], Radius: vg.Points(2.5), Shape: draw.CircleGlyph{}}})
	}
	zero := plotter.XYs{{X: -1, Y: 0}, {X: last, Y: 0}}
	p.Add(&plotter.Line{XYs: zero, LineStyle: draw.LineStyle{Color: ink, Width: vg.Points(0.6)}})
	p.X.Min, p.X.Max = -1, last
	p.Y.Min, p.Y.Max = min(p.Y.Min, -0.2), max(p.Y.Max, 0.2)
	return render(p, nil, curveHeight*3/4)
}
