// Package stylegan is the generator without aliasing of Karras et al., "Alias-free generative adversarial networks" (2021), StyleGAN3, in its
// configurations T, which moves with its input, and R, which turns with it too; the one before it to compare with, StyleGAN2; and the
// discriminator and the training of both. Names of parameters are those of NVIDIA's programs.
package stylegan

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Net is a generator: from a latent to w, and from w to a picture.
type Net interface {
	// Map makes w: [batch, w] from z: [batch, z] and c: [batch, classes], nil without classes. With renew it moves the running mean of w.
	Map(s *model.Scope, z, c *graph.Node, renew bool) *graph.Node
	// Styles gives each layer its w: [batch, layers, w].
	Styles(s *model.Scope, w *graph.Node, t Truncation) *graph.Node
	// Synthesize makes pictures in about [-1, 1]: [batch, size, size, channels].
	Synthesize(s *model.Scope, ws *graph.Node, o Synthesis) *graph.Node
}

// Synthesis says how to make a picture from its styles.
type Synthesis struct {
	// Transform, [3, 3], is the inverse of a move or a turn of the picture, in the place of the input's own. Nil: that one.
	Transform *graph.Node
	// Renew moves the running means of magnitudes.
	Renew bool
	// Noise draws StyleGAN2's anew, with the graph's key; else it is the constant one.
	Noise bool
}

// GeneratorConfig is StyleGAN3's generator, under NVIDIA's names.
type GeneratorConfig struct {
	Z             int            `json:"z_dim"`
	C             int            `json:"c_dim"`
	W             int            `json:"w_dim"`
	Resolution    int            `json:"img_resolution"`
	Channels      int            `json:"img_channels"`
	Mapping       mappingOptions `json:"mapping_kwargs"`
	Base          int            `json:"channel_base"`
	Most          int            `json:"channel_max"`
	Layers        int            `json:"num_layers"`   // without the input and ToRGB
	Critical      int            `json:"num_critical"` // of the last layers, whose cutoff is all that their rate carries
	FirstCutoff   float64        `json:"first_cutoff"`
	FirstStopband float64        `json:"first_stopband"`
	LastStopband  float64        `json:"last_stopband_rel"` // to the cutoff
	Margin        int            `json:"margin_size"`
	OutputScale   float64        `json:"output_scale"`
	layerOptions
}

// published has NVIDIA's defaults for config T but for the picture.
func published() GeneratorConfig {
	return GeneratorConfig{
		Z: 512, W: 512, Resolution: 64, Channels: 3, Mapping: mappingOptions{2, 0.01, 0.998}, Base: 32768, Most: 512, Layers: 14, Critical: 2,
		FirstCutoff: 2, FirstStopband: math.Exp2(2.1), LastStopband: math.Exp2(0.3), Margin: 10, OutputScale: 0.25, layerOptions: publishedLayer(),
	}
}

func publishedLayer() layerOptions {
	return layerOptions{Kernel: 3, FilterSize: 6, Upsampling: 2, Clamp: 256, MagnitudeBeta: 0.999}
}

// Validate reports the first field that makes no generator.
func (c GeneratorConfig) Validate() error {
	if err := checkResolution(c.Resolution); err != nil {
		return err
	}
	for _, f := range []struct {
		name         string
		value, least int
	}{{"z_dim", c.Z, 1}, {"img_channels", c.Channels, 1}, {"channel_base", c.Base, 1}, {"channel_max", c.Most, 1}, {"margin_size", c.Margin, 0}} {
		if err := nn.CheckSize("stylegan", f.name, f.value, f.least, nn.MaxSize); err != nil {
			return err
		}
	}
	switch half := float64(c.Resolution) / 2; {
	case c.Layers < 2 || c.Layers > nn.MaxLayers:
		return fmt.Errorf("stylegan: num_layers is %d: it must be 2 to %d", c.Layers, nn.MaxLayers)
	case c.Critical < 1 || c.Critical >= c.Layers:
		return fmt.Errorf("stylegan: num_critical is %d: it must be at least 1 and less than num_layers, %d", c.Critical, c.Layers)
	case !(c.FirstCutoff > 0 && c.FirstCutoff < half):
		return fmt.Errorf("stylegan: first_cutoff is %g: it must be positive and less than half of img_resolution, %d", c.FirstCutoff, c.Resolution)
	case !(c.FirstStopband > c.FirstCutoff):
		return fmt.Errorf("stylegan: first_stopband is %g: it must be more than first_cutoff, %g", c.FirstStopband, c.FirstCutoff)
	case !(c.LastStopband > 1):
		return fmt.Errorf("stylegan: last_stopband_rel is %g: it must be more than 1", c.LastStopband)
	}
	if err := c.mapping().validate(); err != nil {
		return err
	}
	return c.layerOptions.validate()
}

func checkResolution(n int) error {
	if n < 8 || n > 1024 || n&(n-1) != 0 {
		return fmt.Errorf("stylegan: img_resolution is %d: it must be a power of two, 8 to 1024", n)
	}
	return nil
}

func (c GeneratorConfig) mapping() mappingConfig {
	return mappingConfig{Z: c.Z, C: c.C, W: c.W, Ws: c.Layers + 2, mappingOptions: c.Mapping}
}

// band is what one layer gives: its rate, its cutoff and its transition's half width, in cycles a picture; its size and its channels.
type band struct {
	rate              int
	cutoff, halfWidth float64
	size, channels    int
}

// bands are those of all layers and of ToRGB: cutoffs and stop bands grow from the first to the last critical layer in equal ratios
// (appendix E, "Gradual increase of frequency bands").
func (c GeneratorConfig) bands() []band {
	list := make([]band, c.Layers+1)
	lastCutoff := float64(c.Resolution) / 2
	lastStop := lastCutoff * c.LastStopband
	for i := range list {
		part := min(float64(i)/float64(c.Layers-c.Critical), 1)
		cutoff := c.FirstCutoff * math.Pow(lastCutoff/c.FirstCutoff, part)
		stop := c.FirstStopband * math.Pow(lastStop/c.FirstStopband, part)
		rate := math.Exp2(math.Ceil(math.Log2(min(2*stop, float64(c.Resolution)))))
		list[i] = band{
			rate: int(rate), cutoff: cutoff, halfWidth: max(stop, rate/2) - cutoff, size: int(rate) + 2*c.Margin,
			channels: int(math.RoundToEven(min(float64(c.Base)/2/cutoff, float64(c.Most)))),
		}
	}
	list[c.Layers-1].size, list[c.Layers].size = c.Resolution, c.Resolution
	list[c.Layers].channels = c.Channels
	return list
}

// Generator is StyleGAN3's.
type Generator struct {
	Synthesis *synthesis `nn:"synthesis"`
	Mapping   *mapping   `nn:"mapping"`
}

// synthesis makes pictures from styles.
type synthesis struct {
	Input  *fourier
	Layers []*layer

	scale float64
}

// Children names layers by index, size and channels.
func (n *synthesis) Children() []nn.Child {
	list := []nn.Child{{Name: "input", Part: n.Input}}
	for i, l := range n.Layers {
		list = append(list, nn.Child{Name: layerName(i, l.OutSize[0], l.Out), Part: l})
	}
	return list
}

func layerName(i, size, channels int) string { return fmt.Sprintf("L%d_%d_%d", i, size, channels) }

// NewGenerator declares the layers.
func NewGenerator(c GeneratorConfig) (*Generator, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	bands := c.bands()
	first := bands[0]
	n := &synthesis{scale: c.OutputScale, Input: newFourier(inputConfig{
		W: c.W, Channels: first.channels, Size: square(first.size), Rate: float64(first.rate), Bandwidth: first.cutoff,
	})}
	for i, out := range bands {
		in := bands[max(i-1, 0)]
		n.Layers = append(n.Layers, newLayer(layerConfig{
			W: c.W, ToRGB: i == c.Layers, Critical: i >= c.Layers-c.Critical, In: in.channels, Out: out.channels,
			InSize: square(in.size), OutSize: square(out.size), InRate: in.rate, OutRate: out.rate,
			InCutoff: in.cutoff, OutCutoff: out.cutoff, InHalfWidth: in.halfWidth, OutHalfWidth: out.halfWidth, layerOptions: c.layerOptions,
		}))
	}
	return nn.Name(&Generator{Synthesis: n, Mapping: newMapping(c.mapping())}), nil
}

// Map is [Net]'s.
func (n *Generator) Map(s *model.Scope, z, c *graph.Node, renew bool) *graph.Node {
	return n.Mapping.Forward(s, z, c, renew)
}

// Styles is [Net]'s.
func (n *Generator) Styles(s *model.Scope, w *graph.Node, t Truncation) *graph.Node {
	return n.Mapping.Styles(s, w, t)
}

// Synthesize is [Net]'s.
func (n *Generator) Synthesize(s *model.Scope, ws *graph.Node, o Synthesis) *graph.Node {
	w := func(i int) *graph.Node { return styleOf(ws, i) }
	x := n.Synthesis.Input.Forward(s, w(0), o.Transform)
	for i, l := range n.Synthesis.Layers {
		x = l.Forward(s, x, w(i+1), o.Renew)
	}
	return graph.MulScalar(x, n.Synthesis.scale)
}

// styleOf is a layer's w: [batch, w] of [batch, layers, w].
func styleOf(ws *graph.Node, i int) *graph.Node {
	return graph.Squeeze(graph.Slice(ws, graph.AxisRange(), graph.AxisElem(i)), 1)
}
