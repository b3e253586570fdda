package viz

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var (
	//go:embed audio.html
	audioHTML string
	audioPage = template.Must(template.New("audio").Parse(audioHTML))
)

// AudioHTML is a piece of HTML that plays a sound, a WAV file's bytes. It needs nothing from outside: it works in a saved notebook without
// a kernel, and in exported HTML. At most 400 kB fit, 18 seconds of 16-bit sound at 8 kHz.
func AudioHTML(title string, wav []byte) (string, error) {
	if !bytes.HasPrefix(wav, []byte("RIFF")) {
		return "", fmt.Errorf("viz: the sound %q is no WAV file: it must begin with RIFF", title)
	}
	if size := base64.StdEncoding.EncodedLen(len(wav)); size > maxPlayerBytes {
		return "", fmt.Errorf("viz: the sound %q is %d kB in a page: it must be at most %d, so play a part of it", title, size>>10, maxPlayerBytes>>10)
	}
	var page bytes.Buffer
	err := audioPage.Execute(&page, map[string]any{
		"ID": pieceID("audio", wav), "Title": title, "Sound": template.URL("data:audio/wav;base64," + base64.StdEncoding.EncodeToString(wav)),
	})
	return strings.TrimSpace(page.String()), err
}

// Waveform draws a sound, samples in [-1, 1], over its seconds.
func Waveform(samples []float32, rate int, cfg PlotConfig) image.Image {
	if rate < 1 {
		return fail(fmt.Errorf("viz: a waveform's rate is %d: it must be at least 1 sample a second", rate))
	}
	c := Curve{X: make([]float64, len(samples)), Y: make([]float64, len(samples))}
	for i, v := range samples {
		c.X[i], c.Y[i] = float64(i)/float64(rate), float64(v)
	}
	if cfg.X == "" {
		cfg.X = "seconds"
	}
	return Curves([]Curve{c}, cfg)
}

// surface is a matrix [columns][rows] over even places, for gonum's plotter.
type surface struct {
	values       [][]float64
	width, reach float64 // where the last column and row end
}

func (s surface) Dims() (c, r int)   { return len(s.values), len(s.values[0]) }
func (s surface) Z(c, r int) float64 { return s.values[c][r] }
func (s surface) X(c int) float64    { return s.width * (float64(c) + 0.5) / float64(len(s.values)) }
func (s surface) Y(r int) float64    { return s.reach * (float64(r) + 0.5) / float64(len(s.values[0])) }

// Over draws a matrix [columns][rows] as colours over two axes that begin at 0, such as the powers of frequencies over time: width is where the last
// column ends, reach where the last row does, which is drawn highest.
func Over(values [][]float64, width, reach float64, cfg PlotConfig) image.Image {
	if err := cfg.linear("a surface"); err != nil {
		return fail(err)
	}
	if len(values) < 2 || len(values[0]) < 2 {
		return fail(fmt.Errorf("viz: a surface of %d columns: there must be two at least, and two rows", len(values)))
	}
	low, high := math.Inf(1), math.Inf(-1)
	for i, column := range values {
		if len(column) != len(values[0]) {
			return fail(fmt.Errorf("viz: a surface whose column %d has %d values, the first %d: there must be one length", i, len(column), len(values[0])))
		}
		for _, v := range column {
			if !finite(v) {
				return fail(fmt.Errorf("viz: a surface holds %g: it must be finite", v))
			}
			low, high = min(low, v), max(high, v)
		}
	}
	if low == high {
		return fail(fmt.Errorf("viz: a surface of one value, %g: there is nothing to see", low))
	}
	p := newPlot(cfg)
	p.Add(&plotter.HeatMap{GridXYZ: surface{values, width, reach}, Palette: shades{}, Rasterized: true, Min: low, Max: high})
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, width, 0, reach
	return render(p, nil, curveHeight*2/3)
}

// shades are viridis in 256 steps.
type shades struct{}

// Colors implements palette.Palette.
func (shades) Colors() []color.Color {
	list := make([]color.Color, 256)
	for i := range list {
		list[i] = colormap(float64(i) / 255)
	}
	return list
}

var _ palette.Palette = shades{}

// Dilations draws which samples a stack of dilated convolutions of kernel 2 sees from one output, layer above layer: the tree of van den Oord et al.,
// "WaveNet", 2016, figure 3.
func Dilations(dilations []int, cfg PlotConfig) image.Image {
	if err := cfg.linear("a tree"); err != nil {
		return fail(err)
	}
	reach := 1
	for i, d := range dilations {
		if d < 1 {
			return fail(fmt.Errorf("viz: dilation %d is %d: it must be at least 1", i, d))
		}
		reach += d
	}
	const most = 129
	if len(dilations) == 0 || reach > most {
		return fail(fmt.Errorf("viz: a tree of %d dilations over %d samples: there must be a layer, and at most %d samples", len(dilations), reach, most))
	}
	p := newPlot(cfg)
	p.HideY()
	seen := map[int]bool{0: true} // places back from the output, of the layer above
	for layer := len(dilations); layer >= 0; layer-- {
		y := float64(layer)
		var dots, grey plotter.XYs
		for at := range reach {
			dot := plotter.XY{X: float64(-at), Y: y}
			if seen[at] {
				dots = append(dots, dot)
			} else {
				grey = append(grey, dot)
			}
		}
		for kind, list := range [2]plotter.XYs{dots, grey} {
			style := draw.GlyphStyle{Color: lineColors[0], Radius: vg.Points(2.2), Shape: draw.CircleGlyph{}}
			if kind == 1 {
				style.Color = tint(ink, 0.2)
			}
			p.Add(&plotter.Scatter{XYs: list, GlyphStyle: style})
		}
		if layer == 0 {
			break
		}
		below := map[int]bool{}
		for at := range seen {
			for _, from := range []int{at, at + dilations[layer-1]} {
				below[from] = true
				p.Add(&plotter.Line{XYs: plotter.XYs{{X: float64(-at), Y: y}, {X: float64(-from), Y: y - 1}}, LineStyle: draw.LineStyle{Color: lineColors[0], Width: vg.Points(0.8)}})
			}
		}
		seen = below
	}
	p.X.Min, p.X.Max = float64(-reach), 1
	p.Y.Min, p.Y.Max = -0.5, float64(len(dilations))+0.5
	return render(p, nil, curveHeight*2/3)
}
