package style

import (
	"cmp"
	"fmt"
	"slices"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// NetConfig is the architecture of a [Net].
type NetConfig struct {
	Widths []int `json:"widths" help:"channels of the first three convolutions, which the last three mirror"`
	Blocks int   `json:"blocks" help:"residual blocks between"`
}

// Default is that of PyTorch's example, 1.7 million parameters.
func Default() NetConfig { return NetConfig{Widths: []int{32, 64, 128}, Blocks: 5} }

// Small is narrow: an eighth of the work.
func Small() NetConfig { return NetConfig{Widths: []int{16, 32, 48}, Blocks: 4} }

// Tiny trains in seconds.
func Tiny() NetConfig { return NetConfig{Widths: []int{3, 4, 6}, Blocks: 1} }

// Validate reports the first field that makes no network.
func (c NetConfig) Validate() error {
	if len(c.Widths) != 3 {
		return fmt.Errorf("style: widths is %v: it must be three numbers", c.Widths)
	}
	for _, w := range c.Widths {
		if err := nn.CheckSize("style", "widths", w, 1, nn.MaxSize); err != nil {
			return err
		}
	}
	return nn.CheckSize("style", "blocks", c.Blocks, 0, nn.MaxLayers)
}

// Objective says which of a VGG's layers a picture is compared in, and how much each thing counts. Layers are numbers of modules of
// torchvision's features: [VGGConfig.Find] has them by name.
type Objective struct {
	ContentLayers []int     `json:"content_layers"`
	StyleLayers   []int     `json:"style_layers"`
	StyleWeights  []float64 `json:"style_weights"` // one for each of StyleLayers; none is 1 divided by their number
	ContentWeight float64   `json:"content_weight"`
	StyleWeight   float64   `json:"style_weight"`
	TVWeight      float64   `json:"tv_weight"` // of the total variation
}

// filled has even weights where none were given.
func (o Objective) filled() Objective {
	if len(o.StyleWeights) == 0 && len(o.StyleLayers) > 0 {
		o.StyleWeights = slices.Repeat([]float64{1 / float64(len(o.StyleLayers))}, len(o.StyleLayers))
	}
	return o
}

// validate holds it against the network that it looks through.
func (o Objective) validate(c VGGConfig) error {
	modules := 0
	for _, w := range c.Widths {
		if modules++; w != Pooling {
			modules++
		}
	}
	for _, m := range slices.Concat(o.ContentLayers, o.StyleLayers) {
		if m < 0 || m >= modules {
			return fmt.Errorf("style: a layer is %d: it must be 0 to %d", m, modules-1)
		}
	}
	if len(o.StyleWeights) != len(o.StyleLayers) {
		return fmt.Errorf("style: style_weights is %v: it must have one for each of style_layers, %v", o.StyleWeights, o.StyleLayers)
	}
	for _, w := range slices.Concat(o.StyleWeights, []float64{o.ContentWeight, o.StyleWeight, o.TVWeight}) {
		if !(w >= 0) {
			return fmt.Errorf("style: a weight is %g: it must be at least 0", w)
		}
	}
	if len(o.ContentLayers)+len(o.StyleLayers) == 0 {
		return fmt.Errorf("style: content_layers and style_layers are empty: there must be one layer at least")
	}
	return nil
}

// TrainConfig says how a [Net] learns a style.
type TrainConfig struct {
	Model NetConfig `json:"model"`
	VGG   VGGConfig `json:"vgg"`
	Rate  float64   `json:"rate" help:"Adam's learning rate"` // 0 is [Recipe]'s
	Eps   float64   `json:"eps,omitempty"`                    // Adam's; 0 is 1e-8

	ContentLayer  string   `json:"content_layer" help:"layer whose features are to stay"`
	StyleLayers   []string `json:"style_layers" help:"layers whose Gram matrices are to be the style's"`
	ContentWeight float64  `json:"content_weight" help:"weight of the content"`
	StyleWeight   float64  `json:"style_weight" help:"weight of the style"`
	TVWeight      float64  `json:"tv_weight" help:"weight of the total variation a pixel, against noise"`
	// Seed is of the first weights; the data set's order has its own.
	Seed uint64 `json:"seed" help:"seed of weights and order"`
	// Style identifies the picture of the style and the weights of the VGG, for a run that is gone on with.
	Style string `json:"style"`

	// AfterEpoch, when given, is called after each epoch with the model as it stands and the run's folder for samples.
	AfterEpoch func(m *Model, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// Recipe learns a style in some minutes, from crops of photographs.
func Recipe() TrainConfig {
	return TrainConfig{
		Model: Small(), VGG: VGG16(), Rate: 2e-3, Seed: 1,
		ContentLayer: "relu2_2", StyleLayers: []string{"relu1_2", "relu2_2", "relu3_3", "relu4_3"},
		ContentWeight: 1, StyleWeight: 20, TVWeight: 1e-6,
		Options: train.Options{Run: "runs/style", Epochs: 1},
	}
}

// filled has the default in the place of a zero rate.
func (c TrainConfig) filled() TrainConfig {
	c.Rate = cmp.Or(c.Rate, Recipe().Rate)
	c.Eps = cmp.Or(c.Eps, 1e-8)
	return c
}

func (c TrainConfig) validate() error {
	for name, value := range map[string]float64{"rate": c.Rate, "content_weight": c.ContentWeight, "style_weight": c.StyleWeight, "tv_weight": c.TVWeight} {
		if !(value >= 0) {
			return fmt.Errorf("style: %s is %g: it must be at least 0", name, value)
		}
	}
	if err := c.VGG.Validate(); err != nil {
		return err
	}
	return c.Model.Validate()
}
