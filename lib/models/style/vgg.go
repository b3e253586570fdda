package style

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Widths are the layers of a [VGG] in turn: a number is a 3×3 convolution of so many channels with a ReLU after it, [Pooling] halves the
// size. In JSON a pooling is "M", torchvision's letter.
type Widths []int

// Pooling stands between widths.
const Pooling = 0

// MarshalJSON writes numbers and "M".
func (w Widths) MarshalJSON() ([]byte, error) {
	list := make([]any, len(w))
	for i, n := range w {
		if list[i] = n; n == Pooling {
			list[i] = "M"
		}
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads numbers and "M".
func (w *Widths) UnmarshalJSON(text []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	*w = make(Widths, len(list))
	for i, item := range list {
		if bytes.Equal(item, []byte(`"M"`)) {
			continue
		}
		if err := json.Unmarshal(item, &(*w)[i]); err != nil {
			return fmt.Errorf("widths: %s must be a number, or \"M\" for a pooling", item)
		}
		if (*w)[i] < 1 {
			return fmt.Errorf("widths: %s must be at least 1", item)
		}
	}
	return nil
}

// VGGConfig is the architecture of a [VGG]. The names in JSON are those of torchvision's.
type VGGConfig struct {
	Widths Widths `json:"widths"`
	// Pool is "max", as the network was trained, or "avg", by which Gatys et al. found pictures a little nicer (section 2).
	Pool string `json:"pool"`
	// Caffe says that the weights take a picture as Caffe's and Keras's VGG do, in [0, 255] less a mean, and not as torchvision's, divided by a
	// deviation too.
	Caffe bool `json:"caffe,omitempty"`
}

// VGG16 is configuration D of Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015, without
// the classifier.
func VGG16() VGGConfig {
	return VGGConfig{Pool: "max", Widths: Widths{
		64, 64, Pooling, 128, 128, Pooling, 256, 256, 256, Pooling, 512, 512, 512, Pooling, 512, 512, 512, Pooling,
	}}
}

// VGG19 is configuration E, which the papers of style transfer take.
func VGG19() VGGConfig {
	return VGGConfig{Pool: "max", Widths: Widths{
		64, 64, Pooling, 128, 128, Pooling, 256, 256, 256, 256, Pooling, 512, 512, 512, 512, Pooling, 512, 512, 512, 512, Pooling,
	}}
}

// Validate reports the first field that makes no network.
func (c VGGConfig) Validate() error {
	if len(c.Widths) == 0 || len(c.Widths) > nn.MaxLayers {
		return fmt.Errorf("style: widths has %d entries: it must have 1 to %d", len(c.Widths), nn.MaxLayers)
	}
	for _, w := range c.Widths {
		if err := nn.CheckSize("style", "widths", w, 0, nn.MaxSize); err != nil {
			return err
		}
	}
	if c.Pool != "max" && c.Pool != "avg" {
		return fmt.Errorf("style: pool is %q: it must be \"max\" or \"avg\"", c.Pool)
	}
	return nil
}

// Layers are the network's ReLUs by the literature's names, relu1_1 being the first after the first convolution of the first block: each
// is the number that its module has in torchvision's features.
func (c VGGConfig) Layers() (names []string, modules []int) {
	block, within, module := 1, 0, 0
	for _, w := range c.Widths {
		if w == Pooling {
			block, within = block+1, 0
			module++
			continue
		}
		within++
		names = append(names, fmt.Sprintf("relu%d_%d", block, within))
		modules = append(modules, module+1)
		module += 2
	}
	return names, modules
}

// Find gives the modules of layers' names.
func (c VGGConfig) Find(layers []string) ([]int, error) {
	names, modules := c.Layers()
	found := make([]int, len(layers))
	for i, layer := range layers {
		at := slices.Index(names, layer)
		if at < 0 {
			return nil, fmt.Errorf("style: the layer is %q: it must be one of %s", layer, strings.Join(names, ", "))
		}
		found[i] = modules[at]
	}
	return found, nil
}

// upTo is the network without what comes after a module.
func (c VGGConfig) upTo(module int) VGGConfig {
	_, modules := c.Layers()
	convolutions, n := 0, 0
	for _, m := range modules {
		if m <= module {
			convolutions++
		}
	}
	for ; convolutions > 0; n++ {
		if c.Widths[n] != Pooling {
			convolutions--
		}
	}
	c.Widths = c.Widths[:n]
	return c
}

// VGG is the convolutions of torchvision's VGG, whose names its parameters have.
type VGG struct {
	Features nn.Sequential `nn:"features"`

	config VGGConfig
	// mean and deviation bring a picture in [0, 1] to what the weights were trained on, channel by channel.
	mean, deviation []float32
}

// Of the pictures of ImageNet, red, green and blue.
var (
	imageNetMean      = []float32{0.485, 0.456, 0.406}
	imageNetDeviation = []float32{0.229, 0.224, 0.225}
	caffeMean         = []float32{122.679 / 255, 116.669 / 255, 104.007 / 255}
	caffeDeviation    = []float32{1. / 255, 1. / 255, 1. / 255}
)

// NewVGG declares the layers.
func NewVGG(c VGGConfig) (*VGG, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	v := &VGG{config: c, mean: imageNetMean, deviation: imageNetDeviation}
	if c.Caffe {
		v.mean, v.deviation = caffeMean, caffeDeviation
	}
	in := 3
	for _, width := range c.Widths {
		switch {
		case width != Pooling:
			conv := nn.NewConv2d(in, width, []int{3}, nn.ConvOptions{Padding: []int{1}})
			v.Features = append(v.Features, conv, nn.ReLU{Inplace: true})
			in = width
		case c.Pool == "avg":
			v.Features = append(v.Features, nn.NewAvgPool2d([]int{2}, nn.PoolOptions{Stride: []int{2}}))
		default:
			v.Features = append(v.Features, nn.NewMaxPool2d([]int{2}, nn.PoolOptions{Stride: []int{2}}))
		}
	}
	return nn.Name(v), nil
}

// String is the name of torchvision's class.
func (v *VGG) String() string { return "VGG" }

// Normalize brings pictures [batch, height, width, 3] in [0, 1] to what the network was trained on.
func (v *VGG) Normalize(x *graph.Node) *graph.Node {
	channels := func(values []float32) *graph.Node { return graph.Reshape(graph.Const(x.Graph(), values), 1, 1, 1, 3) }
	return graph.Div(graph.Sub(x, channels(v.mean)), channels(v.deviation))
}

// Forward gives what modules of Features make of normalised pictures, in the order asked for.
// x: [batch, height, width, 3], the results: [batch, smaller, smaller, channels].
func (v *VGG) Forward(s *model.Scope, x *graph.Node, modules []int) []*graph.Node {
	if x.Rank() != 4 || x.Shape().Dim(3) != 3 {
		panic(fmt.Errorf("style: VGG takes pictures [batch, height, width, 3], was given %s", x.Shape()))
	}
	if len(modules) == 0 {
		panic(errors.New("style: VGG was asked for no layer: name one at least"))
	}
	last := slices.Max(modules)
	if slices.Min(modules) < 0 || last >= len(v.Features) {
		panic(fmt.Errorf("style: layers are %v: they must be 0 to %d", modules, len(v.Features)-1))
	}
	found := make([]*graph.Node, len(modules))
	for i := range v.Features[:last+1] {
		x = v.Features[i:i+1].Forward(s, x)
		for at, m := range modules {
			if m == i {
				found[at] = x
			}
		}
	}
	return found
}

// smallest is the least height and width of a picture for a module to see it.
func (v *VGG) smallest(modules []int) int {
	least := 1
	for _, layer := range v.Features[:slices.Max(modules)+1] {
		if _, ok := layer.(nn.ReLU); ok {
			continue
		}
		if _, ok := layer.(*nn.Conv); !ok {
			least *= 2
		}
	}
	return least
}

// channels is how many a module gives.
func (v *VGG) channels(module int) int {
	n := 3
	for _, layer := range v.Features[:module+1] {
		if c, ok := layer.(*nn.Conv); ok {
			n = c.Out
		}
	}
	return n
}
