package main

import (
	"fmt"
	"image"
	"image/color"
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// ratioCell is how ratio writes one.
var ratioCell = regexp.MustCompile(`\*\*([\d.]+)\*\* \(([\d.]+) to ([\d.]+)\)`)

// ratios is a point and its interval.
type ratios struct {
	plotter.XYs
	plotter.YErrors
}

// picture draws the ratios of a table's rows, one over the other.
func picture(rows []line) (image.Image, error) {
	p := plot.New()
	p.Y.Label.Text = "times as long as genlab"
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	var names []string
	series := []struct {
		name  string
		color color.Color
		ratios
	}{{name: "PyTorch, the better of eager and compiled", color: color.RGBA{0xd5, 0x5e, 0, 255}}, {name: "JAX", color: color.RGBA{0, 0x72, 0xb2, 255}}}
	for _, row := range rows {
		cells := strings.Split(row.cells, "|")
		found := false
		for i := range series {
			var r, low, high float64
			if m := ratioCell.FindStringSubmatch(cells[len(sides)+i]); m == nil {
				continue
			} else if _, err := fmt.Sscan(m[1]+" "+m[2]+" "+m[3], &r, &low, &high); err != nil {
				return nil, fmt.Errorf("%s: %w", row.name, err)
			}
			series[i].XYs = append(series[i].XYs, plotter.XY{X: float64(len(names)) + 0.2*float64(i) - 0.1, Y: r})
			series[i].YErrors = append(series[i].YErrors, struct{ Low, High float64 }{r - low, high - r})
			found = true
		}
		if found {
			names = append(names, row.name)
		}
	}
	for _, s := range series {
		if len(s.XYs) == 0 {
			continue
		}
		bars, err := plotter.NewYErrorBars(s.ratios)
		if err != nil {
			return nil, err
		}
		dots := &plotter.Scatter{XYs: s.XYs, GlyphStyle: draw.GlyphStyle{Color: s.color, Radius: vg.Points(3), Shape: draw.CircleGlyph{}}}
		bars.Color = s.color
		p.Add(bars, dots)
		p.Legend.Add(s.name, dots)
	}
	same := plotter.NewFunction(func(float64) float64 { return 1 })
	same.Dashes = []vg.Length{vg.Points(2), vg.Points(2)}
	p.Add(same)
	p.NominalX(names...)
	p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = 0.6, draw.XRight, draw.YCenter
	p.Legend.Top = true
	c := vgimg.New(vg.Points(600), vg.Points(300))
	p.Draw(draw.New(c))
	return c.Image(), nil
}
