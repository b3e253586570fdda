package stylegan

import (
	"fmt"
	"math"
	"strconv"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Generator2Config is StyleGAN2's generator, under NVIDIA's names.
type Generator2Config struct {
	Z          int            `json:"z_dim"`
	C          int            `json:"c_dim"`
	W          int            `json:"w_dim"`
	Resolution int            `json:"img_resolution"`
	Channels   int            `json:"img_channels"`
	Mapping    mappingOptions `json:"mapping_kwargs"`
	Base       int            `json:"channel_base"`
	Most       int            `json:"channel_max"`
	Clamp      limit          `json:"conv_clamp"`
	// Fourier has StyleGAN3's input in the place of a trained constant: the 2021 paper's configuration B, whose equivariance can be asked for.
	Fourier bool `json:"fourier"`
}

// published2 has NVIDIA's defaults but for the picture.
func published2() Generator2Config {
	return Generator2Config{
		Z: 512, W: 512, Resolution: 64, Channels: 3, Mapping: mappingOptions{8, 0.01, 0.998}, Base: 32768, Most: 512, Clamp: 256,
	}
}

// Validate reports the first field that makes no generator.
func (c Generator2Config) Validate() error {
	if err := checkResolution(c.Resolution); err != nil {
		return err
	}
	for _, f := range []struct {
		name         string
		value, least int
	}{{"z_dim", c.Z, 1}, {"img_channels", c.Channels, 1}, {"channel_base", c.Base, c.Resolution}, {"channel_max", c.Most, 1}} {
		if err := nn.CheckSize("stylegan", f.name, f.value, f.least, nn.MaxSize); err != nil {
			return err
		}
	}
	if !(c.Clamp >= 0) {
		return fmt.Errorf("stylegan: conv_clamp is %g: it must be positive, or null for none", float64(c.Clamp))
	}
	return c.mapping().validate()
}

func (c Generator2Config) mapping() mappingConfig {
	ws := 0
	for r := 4; r <= c.Resolution; r *= 2 {
		ws += 2
	}
	return mappingConfig{Z: c.Z, C: c.C, W: c.W, Ws: ws, mappingOptions: c.Mapping}
}

// Generator2 is StyleGAN2's (Karras et al. 2020): blocks that double the resolution, each of which adds to the picture.
type Generator2 struct {
	Synthesis *synthesis2 `nn:"synthesis"`
	Mapping   *mapping    `nn:"mapping"`
}

type synthesis2 struct {
	Input  *fourier // nil where the first block has a constant
	Blocks []*block2
}

// Children names blocks by their resolution.
func (n *synthesis2) Children() []nn.Child {
	var list []nn.Child
	if n.Input != nil {
		list = append(list, nn.Child{Name: "input", Part: n.Input})
	}
	for _, b := range n.Blocks {
		list = append(list, nn.Child{Name: "b" + strconv.Itoa(b.Conv1.resolution), Part: b})
	}
	return list
}

// NewGenerator2 declares the layers.
func NewGenerator2(c Generator2Config) (*Generator2, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	n := &synthesis2{}
	in := 0
	for r := 4; r <= c.Resolution; r *= 2 {
		out := min(c.Base/r, c.Most)
		b := &block2{Filter: binomial(), Conv1: newLayer2(c, out, out, r, false), RGB: newToRGB(c, out)}
		switch {
		case in > 0:
			b.Conv0 = newLayer2(c, in, out, r, true)
		case c.Fourier:
			n.Input = newFourier(inputConfig{W: c.W, Channels: out, Size: square(r), Rate: 4, Bandwidth: 1})
		default:
			b.Const = &nn.Param{Shape: []int{r, r, out}, Perm: []int{2, 0, 1}, Init: nn.NormalInit(0, 1)}
		}
		n.Blocks = append(n.Blocks, b)
		in = out
	}
	return nn.Name(&Generator2{Synthesis: n, Mapping: newMapping(c.mapping())}), nil
}

// Map is [Net]'s.
func (n *Generator2) Map(s *model.Scope, z, c *graph.Node, renew bool) *graph.Node {
	return n.Mapping.Forward(s, z, c, renew)
}

// Styles is [Net]'s.
func (n *Generator2) Styles(s *model.Scope, w *graph.Node, t Truncation) *graph.Node {
	return n.Mapping.Styles(s, w, t)
}

// Synthesize is [Net]'s. A block's ToRGB has the w of the next block's first layer.
func (n *Generator2) Synthesize(s *model.Scope, ws *graph.Node, o Synthesis) *graph.Node {
	var x, img *graph.Node
	at := 0
	for _, b := range n.Synthesis.Blocks {
		switch {
		case b.Conv0 != nil:
			x = b.Conv0.Forward(s, x, styleOf(ws, at), o.Noise)
			at++
		case b.Const != nil:
			x = b.Const.Node(s, ws.Graph())
			x = graph.BroadcastToDims(graph.InsertAxes(x, 0), append([]int{ws.Shape().Dim(0)}, x.Shape().Dimensions...)...)
		default:
			x = n.Synthesis.Input.Forward(s, styleOf(ws, 0), o.Transform)
		}
		x = b.Conv1.Forward(s, x, styleOf(ws, at), o.Noise)
		at++
		y := b.RGB.Forward(s, x, styleOf(ws, at))
		if img != nil {
			img = nn.UpFirDn2d(img, b.Filter.Node(s, x.Graph()), nn.UpFirDn{Up: []int{2}, Padding: [2][2]int{{2, 1}, {2, 1}}, Gain: 4})
			y = graph.Add(img, y)
		}
		img = y
	}
	return img
}

// block2 doubles a resolution, but for the first.
type block2 struct {
	Const  *nn.Param `nn:"const"`           // [4, 4, channels]; nil but for the first, and there where waves take its place
	Filter *nn.Param `nn:"resample_filter"` // [4, 4]
	Conv0  *layer2   `nn:"conv0"`           // nil for the first
	Conv1  *layer2   `nn:"conv1"`
	RGB    *toRGB    `nn:"torgb"`
}

// layer2 is a synthesis layer of StyleGAN2.
type layer2 struct {
	Weight   *nn.Param `nn:"weight"`          // [3, 3, in, out]
	Strength *nn.Param `nn:"noise_strength"`  // a scalar
	Bias     *nn.Param `nn:"bias"`            // [out]
	Filter   *nn.Param `nn:"resample_filter"` // [4, 4]
	Noise    *nn.Param `nn:"noise_const"`     // [resolution, resolution]
	Affine   *dense    `nn:"affine"`

	resolution int
	up         bool
	clamp      float64
}

func newLayer2(c Generator2Config, in, out, resolution int, up bool) *layer2 {
	return &layer2{
		Weight: newKernel(3, in, out), Strength: &nn.Param{Shape: []int{}}, Bias: &nn.Param{Shape: []int{out}}, Filter: binomial(),
		Noise:  &nn.Param{Shape: []int{resolution, resolution}, Buffer: true, Init: nn.NormalInit(0, 1)},
		Affine: newDense(c.W, in, 1, 1, false, 1), resolution: resolution, up: up, clamp: float64(c.Clamp),
	}
}

// Forward maps x: [batch, size, size, in] and w: [batch, w] to [batch, resolution, resolution, out], with noise drawn anew or the constant one.
func (l *layer2) Forward(s *model.Scope, x, w *graph.Node, fresh bool) *graph.Node {
	g := x.Graph()
	weight := l.Weight.Node(s, g)
	x = modulated(x, weight, l.Affine.Forward(s, w), true, func(x *graph.Node) *graph.Node {
		if !l.up {
			return nn.Convolve(x, weight, nn.ConvOptions{Padding: []int{1}})
		}
		x = nn.ConvTranspose(x, graph.TransposeAllAxes(weight, 0, 1, 3, 2), nn.ConvOptions{Stride: []int{2}})
		return nn.UpFirDn2d(x, l.Filter.Node(s, g), nn.UpFirDn{Padding: [2][2]int{{1, 1}, {1, 1}}, Gain: 4})
	})
	noise := graph.ExpandLeftToRank(l.Noise.Node(s, g), 3)
	if fresh {
		noise = nn.Normal(nn.NextKey(s, g), x.Shape().Dim(0), l.resolution, l.resolution)
	}
	x = graph.Add(x, graph.InsertAxes(graph.Mul(noise, l.Strength.Node(s, g)), -1))
	x = graph.Add(x, graph.ExpandLeftToRank(l.Bias.Node(s, g), 4))
	return nn.Observed(s, l, activated(x, 1, l.clamp))
}

// toRGB makes a picture of features.
type toRGB struct {
	Weight *nn.Param `nn:"weight"` // [1, 1, in, channels]
	Bias   *nn.Param `nn:"bias"`   // [channels]
	Affine *dense    `nn:"affine"`

	gain, clamp float64
}

func newToRGB(c Generator2Config, in int) *toRGB {
	return &toRGB{
		Weight: newKernel(1, in, c.Channels), Bias: &nn.Param{Shape: []int{c.Channels}}, Affine: newDense(c.W, in, 1, 1, false, 1),
		gain: 1 / math.Sqrt(float64(in)), clamp: float64(c.Clamp),
	}
}

// Forward maps x: [batch, size, size, in] and w: [batch, w] to [batch, size, size, channels].
func (l *toRGB) Forward(s *model.Scope, x, w *graph.Node) *graph.Node {
	weight := l.Weight.Node(s, x.Graph())
	x = modulated(x, weight, graph.MulScalar(l.Affine.Forward(s, w), l.gain), false, func(x *graph.Node) *graph.Node {
		return nn.Convolve(x, weight, nn.ConvOptions{})
	})
	return clamped(graph.Add(x, graph.ExpandLeftToRank(l.Bias.Node(s, x.Graph()), 4)), l.clamp)
}
