package stylegan

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// What a discriminator's architecture may be.
const (
	orig   = "orig"
	skip   = "skip"
	resnet = "resnet"
)

// DiscriminatorConfig is StyleGAN2's discriminator, which StyleGAN3 has too, under NVIDIA's names.
type DiscriminatorConfig struct {
	C            int                  `json:"c_dim"`
	Resolution   int                  `json:"img_resolution"`
	Channels     int                  `json:"img_channels"`
	Architecture string               `json:"architecture"` // orig, skip or resnet
	Base         int                  `json:"channel_base"`
	Most         int                  `json:"channel_max"`
	Clamp        limit                `json:"conv_clamp"`
	CMap         count                `json:"cmap_dim"` // none is the last features'
	Mapping      discriminatorMapping `json:"mapping_kwargs"`
	Epilogue     epilogueConfig       `json:"epilogue_kwargs"`
}

type discriminatorMapping struct {
	Layers     int     `json:"num_layers"`
	Multiplier float64 `json:"lr_multiplier"`
}

type epilogueConfig struct {
	Group    count `json:"mbstd_group_size"` // none is the batch
	Channels int   `json:"mbstd_num_channels"`
}

func publishedDiscriminator() DiscriminatorConfig {
	return DiscriminatorConfig{
		Resolution: 64, Channels: 3, Architecture: resnet, Base: 32768, Most: 512, Clamp: 256,
		Mapping: discriminatorMapping{8, 0.01}, Epilogue: epilogueConfig{4, 1},
	}
}

// Validate reports the first field that makes no discriminator.
func (c DiscriminatorConfig) Validate() error {
	if err := checkResolution(c.Resolution); err != nil {
		return err
	}
	for _, f := range []struct {
		name         string
		value, least int
	}{
		{"c_dim", c.C, 0}, {"img_channels", c.Channels, 1}, {"channel_base", c.Base, c.Resolution}, {"channel_max", c.Most, 1}, {"cmap_dim", int(c.CMap), 0},
		{"num_layers", c.Mapping.Layers, 1}, {"mbstd_group_size", int(c.Epilogue.Group), 0}, {"mbstd_num_channels", c.Epilogue.Channels, 0},
	} {
		if err := nn.CheckSize("stylegan", f.name, f.value, f.least, nn.MaxSize); err != nil {
			return err
		}
	}
	switch {
	case !slices.Contains([]string{orig, skip, resnet}, c.Architecture):
		return fmt.Errorf("stylegan: architecture is %q: it must be %s, %s or %s", c.Architecture, orig, skip, resnet)
	case !(c.Clamp >= 0):
		return fmt.Errorf("stylegan: conv_clamp is %g: it must be positive, or null for none", float64(c.Clamp))
	case !(c.Mapping.Multiplier > 0):
		return fmt.Errorf("stylegan: lr_multiplier is %g: it must be positive", c.Mapping.Multiplier)
	case c.Epilogue.Channels > 0 && c.width(4)%c.Epilogue.Channels != 0:
		return fmt.Errorf("stylegan: mbstd_num_channels is %d: it must divide the %d features", c.Epilogue.Channels, c.width(4))
	}
	return nil
}

// width is the number of channels at a resolution.
func (c DiscriminatorConfig) width(resolution int) int { return min(c.Base/resolution, c.Most) }

// Discriminator judges pictures (Karras et al. 2020, section 4.1): blocks that halve the resolution down to 4×4, then two dense layers.
type Discriminator struct {
	Blocks   []*discriminatorBlock
	Mapping  *mapping // of classes; nil without
	Epilogue *epilogue

	DiscriminatorConfig
}

// Children names blocks by their resolution.
func (n *Discriminator) Children() []nn.Child {
	var list []nn.Child
	for _, b := range n.Blocks {
		list = append(list, nn.Child{Name: "b" + strconv.Itoa(b.resolution), Part: b})
	}
	if n.Mapping != nil {
		list = append(list, nn.Child{Name: "mapping", Part: n.Mapping})
	}
	return append(list, nn.Child{Name: "b4", Part: n.Epilogue})
}

// NewDiscriminator declares the layers.
func NewDiscriminator(c DiscriminatorConfig) (*Discriminator, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	n := &Discriminator{DiscriminatorConfig: c}
	for r := c.Resolution; r > 4; r /= 2 {
		n.Blocks = append(n.Blocks, newDiscriminatorBlock(c, r))
	}
	cmap := 0
	if c.C > 0 {
		cmap = int(c.CMap)
		if cmap == 0 {
			cmap = c.width(4)
		}
		n.Mapping = newMapping(mappingConfig{C: c.C, W: cmap, Ws: 1, mappingOptions: mappingOptions{Layers: c.Mapping.Layers, Multiplier: c.Mapping.Multiplier}})
	}
	n.Epilogue = newEpilogue(c, cmap)
	return nn.Name(n), nil
}

// Logits judges x: [batch, size, size, channels] in [-1, 1], of classes c: [batch, classes], nil without: [batch], above 0 is real.
func (n *Discriminator) Logits(s *model.Scope, img, c *graph.Node) *graph.Node {
	if img.Rank() != 4 || img.Shape().Dim(1) != n.Resolution || img.Shape().Dim(2) != n.Resolution || img.Shape().Dim(3) != n.Channels {
		panic(fmt.Errorf("stylegan: the discriminator takes pictures [batch, %d, %d, %d], was given %s", n.Resolution, n.Resolution, n.Channels, img.Shape()))
	}
	if (c == nil) != (n.Mapping == nil) {
		panic(fmt.Errorf("stylegan: the discriminator of %d classes was given the classes %v", n.C, c))
	}
	var x *graph.Node
	for _, b := range n.Blocks {
		x, img = b.Forward(s, x, img)
	}
	var class *graph.Node
	if c != nil {
		class = n.Mapping.Forward(s, nil, c, false)
	}
	return n.Epilogue.Forward(s, x, img, class)
}

// convLayer is a convolution that may halve the resolution, the picture being blurred first.
type convLayer struct {
	Weight *nn.Param `nn:"weight"`          // [kernel, kernel, in, out]
	Bias   *nn.Param `nn:"bias"`            // [out]; nil without
	Filter *nn.Param `nn:"resample_filter"` // [4, 4]

	kernel, down int
	gain, clamp  float64
	activate     bool
}

func newConvLayer(in, out, kernel, down int, clamp float64) *convLayer {
	return &convLayer{
		Weight: newKernel(kernel, in, out), Bias: &nn.Param{Shape: []int{out}}, Filter: binomial(), kernel: kernel, down: down, activate: true,
		gain: 1 / math.Sqrt(float64(in*kernel*kernel)), clamp: clamp,
	}
}

// newShortcut is the way around a block's convolutions.
func newShortcut(in, out int) *convLayer {
	l := newConvLayer(in, out, 1, 2, 0)
	l.Bias, l.activate = nil, false
	return l
}

// binomial is the filter by which StyleGAN2 changes resolutions: [1, 3, 3, 1] for either axis.
func binomial() *nn.Param {
	taps := []float32{1, 3, 3, 1}
	var f []float32
	for _, a := range taps {
		for _, b := range taps {
			f = append(f, a*b/64)
		}
	}
	return constant([]int{4, 4}, f)
}

// Forward maps x: [batch, height, width, in] to [batch, height/down, width/down, out].
func (l *convLayer) Forward(s *model.Scope, x *graph.Node, gain float64) *graph.Node {
	g := x.Graph()
	weight := graph.MulScalar(l.Weight.Node(s, g), l.gain)
	o := nn.ConvOptions{Padding: []int{l.kernel / 2}}
	if l.down > 1 {
		pad := l.kernel/2 + 1
		blur := nn.UpFirDn{Padding: [2][2]int{{pad, pad}, {pad, pad}}}
		o = nn.ConvOptions{Stride: []int{l.down}}
		if l.kernel == 1 {
			blur.Down, o = o.Stride, nn.ConvOptions{}
		}
		x = nn.UpFirDn2d(x, l.Filter.Node(s, g), blur)
	}
	x = nn.Convolve(x, weight, o)
	if l.Bias != nil {
		x = graph.Add(x, graph.ExpandLeftToRank(l.Bias.Node(s, g), 4))
	}
	if !l.activate {
		return graph.MulScalar(x, gain)
	}
	return activated(x, gain, l.clamp)
}

// discriminatorBlock halves a resolution.
type discriminatorBlock struct {
	Filter  *nn.Param  `nn:"resample_filter"` // [4, 4]
	FromRGB *convLayer `nn:"fromrgb"`         // nil where the block sees features alone
	Conv0   *convLayer `nn:"conv0"`
	Conv1   *convLayer `nn:"conv1"`
	Skip    *convLayer `nn:"skip"` // nil unless residual

	resolution   int
	architecture string
}

func newDiscriminatorBlock(c DiscriminatorConfig, resolution int) *discriminatorBlock {
	width := c.width(resolution)
	b := &discriminatorBlock{
		Filter: binomial(), resolution: resolution, architecture: c.Architecture,
		Conv0: newConvLayer(width, width, 3, 1, float64(c.Clamp)), Conv1: newConvLayer(width, c.width(resolution/2), 3, 2, float64(c.Clamp)),
	}
	if resolution == c.Resolution || c.Architecture == skip {
		b.FromRGB = newConvLayer(c.Channels, width, 1, 1, float64(c.Clamp))
	}
	if c.Architecture == resnet {
		b.Skip = newShortcut(width, c.width(resolution/2))
	}
	return b
}

// Forward maps features x, nil at first, and the picture img, nil where it has been taken in.
func (b *discriminatorBlock) Forward(s *model.Scope, x, img *graph.Node) (features, picture *graph.Node) {
	if b.FromRGB != nil {
		y := b.FromRGB.Forward(s, img, 1)
		if x == nil {
			x = y
		} else {
			x = graph.Add(x, y)
		}
		if b.architecture == skip {
			picture = nn.UpFirDn2d(img, b.Filter.Node(s, img.Graph()), nn.UpFirDn{Down: []int{2}, Padding: [2][2]int{{1, 1}, {1, 1}}})
		}
	}
	if b.Skip == nil {
		return b.Conv1.Forward(s, b.Conv0.Forward(s, x, 1), 1), picture
	}
	around := b.Skip.Forward(s, x, math.Sqrt(0.5))
	return graph.Add(around, b.Conv1.Forward(s, b.Conv0.Forward(s, x, 1), math.Sqrt(0.5))), picture
}

// epilogue makes a verdict of the last features, 4×4.
type epilogue struct {
	FromRGB *convLayer `nn:"fromrgb"` // nil unless the architecture is skip
	Conv    *convLayer `nn:"conv"`
	FC      *dense     `nn:"fc"`
	Out     *dense     `nn:"out"`

	epilogueConfig
	cmap int
}

func newEpilogue(c DiscriminatorConfig, cmap int) *epilogue {
	width := c.width(4)
	n := &epilogue{
		Conv: newConvLayer(width+c.Epilogue.Channels, width, 3, 1, float64(c.Clamp)),
		FC:   newDense(16*width, width, 1, 1, true),
		Out:  newDense(width, max(cmap, 1), 1, 1, false),

		epilogueConfig: c.Epilogue, cmap: cmap,
	}
	if c.Architecture == skip {
		n.FromRGB = newConvLayer(c.Channels, width, 1, 1, float64(c.Clamp))
	}
	return n
}

// Forward maps features x: [batch, 4, 4, width], the picture where the architecture is skip, and class: [batch, cmap], nil without classes,
// to [batch].
func (n *epilogue) Forward(s *model.Scope, x, img, class *graph.Node) *graph.Node {
	if n.FromRGB != nil {
		x = graph.Add(x, n.FromRGB.Forward(s, img, 1))
	}
	if n.Channels > 0 {
		x = n.spread(x)
	}
	x = n.Conv.Forward(s, x, 1)
	x = graph.Reshape(graph.TransposeAllAxes(x, 0, 3, 1, 2), x.Shape().Dim(0), -1) // PyTorch's order
	x = n.Out.Forward(s, n.FC.Forward(s, x))
	if class != nil {
		x = graph.MulScalar(graph.ReduceAndKeep(graph.Mul(x, class), graph.ReduceSum, 1), 1/math.Sqrt(float64(n.cmap)))
	}
	return graph.Reshape(x, -1)
}

// spread appends to the features how much they differ between the pictures of a group, so that a batch of like pictures is seen to be one
// (Karras et al. 2018, section 3). Picture j is in group j modulo the number of groups.
func (n *epilogue) spread(x *graph.Node) *graph.Node {
	d := x.Shape().Dimensions
	group := int(n.Group)
	if group == 0 || group > d[0] {
		group = d[0]
	}
	if d[0]%group != 0 {
		panic(fmt.Errorf("stylegan: a batch of %d pictures can't be cut into groups of mbstd_group_size, %d", d[0], group))
	}
	y := graph.Reshape(x, group, d[0]/group, d[1], d[2], n.Channels, d[3]/n.Channels)
	y = graph.Sub(y, graph.ReduceAndKeep(y, graph.ReduceMean, 0))
	y = graph.Sqrt(graph.AddScalar(graph.ReduceMean(graph.Square(y), 0), 1e-8))
	y = graph.ReduceMean(y, 1, 2, 4) // [groups, channels]
	y = graph.BroadcastToDims(graph.InsertAxes(y, 0, 1, 1), group, d[0]/group, d[1], d[2], n.Channels)
	return graph.Concatenate([]*graph.Node{x, graph.Reshape(y, d[0], d[1], d[2], n.Channels)}, -1)
}
