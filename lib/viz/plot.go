package viz

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

const (
	dpi         = 96
	curveHeight = 440
	squareish   = 640 // for plots whose two axes mean alike
)

// lineColors is the palette of Okabe and Ito, which colour-blind readers tell apart
// (https://jfly.uni-koeln.de/color/), without the yellow that white paper swallows.
var lineColors = []color.Color{
	color.RGBA{0x00, 0x72, 0xb2, 255}, color.RGBA{0xd5, 0x5e, 0x00, 255}, color.RGBA{0x00, 0x9e, 0x73, 255},
	color.RGBA{0xcc, 0x79, 0xa7, 255}, color.RGBA{0xe6, 0x9f, 0x00, 255}, color.RGBA{0x56, 0xb4, 0xe9, 255},
	color.RGBA{0x22, 0x22, 0x22, 255},
}

// classColors is Paul Tol's "muted" scheme (https://personal.sron.nl/~pault/), its pale grey darkened to stand
// out from the paper: ten classes.
var classColors = []color.Color{
	color.RGBA{0xcc, 0x66, 0x77, 255}, color.RGBA{0x33, 0x22, 0x88, 255}, color.RGBA{0xdd, 0xcc, 0x77, 255},
	color.RGBA{0x11, 0x77, 0x33, 255}, color.RGBA{0x88, 0xcc, 0xee, 255}, color.RGBA{0x88, 0x22, 0x55, 255},
	color.RGBA{0x44, 0xaa, 0x99, 255}, color.RGBA{0x99, 0x99, 0x33, 255}, color.RGBA{0xaa, 0x44, 0x99, 255},
	color.RGBA{0x66, 0x66, 0x66, 255},
}

// PlotConfig says what stands around a plot. All may be empty.
type PlotConfig struct {
	Title, X, Y string // the texts above, below and left
	LogX, LogY  bool   // logarithmic axes; values of 0 and less are left out; for Curves alone
}

// linear refuses logarithmic axes for what has none.
func (cfg PlotConfig) linear(what string) error {
	if cfg.LogX || cfg.LogY {
		return fmt.Errorf("viz: %s with logarithmic axes; only Curves takes LogX and LogY", what)
	}
	return nil
}

// newPlot is an empty plot in the house's dress.
func newPlot(cfg PlotConfig) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = cfg.Title, cfg.X, cfg.Y
	p.Title.Padding = vg.Points(8)
	p.Title.TextStyle.Font = sansFont(13)
	p.Legend.TextStyle.Font = sansFont(10)
	p.Legend.TextStyle.Color = ink
	p.Legend.Padding = vg.Points(3)
	p.Legend.Top, p.Legend.Left = true, true
	p.Title.TextStyle.Color = ink
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font = sansFont(11)
		axis.Tick.Label.Font = sansFont(10)
		axis.Label.TextStyle.Color, axis.Tick.Label.Color, axis.Color, axis.Tick.Color = ink, ink, ink, ink
		axis.Label.Padding = vg.Points(4)
		axis.Tick.Marker = linearTicks{}
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = color.Gray{0xe0}, color.Gray{0xe0}
	p.Add(grid)
	return p
}

func sansFont(points float64) font.Font {
	return font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, vg.Points(points))
}

// entry is a line of the legend.
type entry struct {
	name  string
	thumb plot.Thumbnailer
}

// render draws a plot with its legend to the right of it, where it can't cover data.
func render(p *plot.Plot, legend []entry, height int) (img image.Image) {
	defer func() { // gonum/plot panics on what it can't draw
		if r := recover(); r != nil {
			img = fail(fmt.Errorf("viz: drawing the plot: %v", r))
		}
	}()
	var side vg.Length
	for _, e := range legend {
		p.Legend.Add(e.name, e.thumb)
		side = max(side, p.Legend.TextStyle.Width(e.name))
	}
	if side > 0 {
		side += p.Legend.ThumbnailWidth + vg.Points(18)
	}
	key := p.Legend
	p.Legend = plot.NewLegend() // drawn apart

	sheet := vgimg.NewWith(vgimg.UseWH(pixels(notebookWidth), pixels(height)), vgimg.UseDPI(dpi))
	c := draw.New(sheet)
	pad := pixels(margin)
	c = draw.Crop(c, pad, -pad, pad, -pad)
	p.BackgroundColor = nil
	p.Draw(draw.Crop(c, 0, -side, 0, 0))
	key.Draw(draw.Crop(c, c.Max.X-c.Min.X-side+vg.Points(12), 0, 0, -vg.Points(24)))
	drawFrame(sheet.Image())
	return sheet.Image()
}

func pixels(n int) vg.Length { return vg.Length(n) * vg.Inch / dpi }

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
