package vit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// What [Config] may say of the pooling and of the positions.
const (
	ClassToken = "class" // a token of its own collects what the classes are told by (the paper's)
	Mean       = "mean"  // the mean of the patches does, without such a token

	Learned    = "learned" // the paper's
	Sinusoidal = "sinusoidal"
	None       = "none"
)

// activations are those of the encoder's inner layers, under Hugging Face's names.
var activations = map[string]nn.Layer{"gelu": nn.GELU{}, "gelu_new": nn.GELU{Tanh: true}, "relu": nn.ReLU{}}

// Config is the architecture. The names in JSON are those of Hugging Face's ViTConfig, where it has the field.
type Config struct {
	ImageSize  int     `json:"image_size" flag:"size" help:"height and width of a picture, a multiple of the patch"`
	PatchSize  int     `json:"patch_size" flag:"patch" help:"height and width of a patch"`
	Channels   int     `json:"num_channels"`
	Embed      int     `json:"hidden_size" flag:"embed" help:"width of a token, a multiple of the heads"`
	Layers     int     `json:"num_hidden_layers" flag:"layers" help:"layers of the encoder"`
	Heads      int     `json:"num_attention_heads" flag:"heads" help:"attention heads of a layer"`
	Inner      int     `json:"intermediate_size" flag:"inner" help:"width of a layer's hidden values"`
	Classes    int     `json:"num_labels"`
	Activation string  `json:"hidden_act"` // gelu, gelu_new or relu
	Eps        float64 `json:"layer_norm_eps"`
	QKVBias    bool    `json:"qkv_bias"`

	Pool      string `json:"pool" help:"what the classes are told by: class, a token of its own, or mean, of the patches"`
	Positions string `json:"positions" help:"positions of the patches: learned, sinusoidal or none"`
	// Distilled adds a second token and head, which learn what a teacher answers (Touvron et al., "Training data-efficient image
	// transformers & distillation through attention", 2021).
	Distilled bool `json:"distilled,omitempty"`
	// Registers are further tokens that the attention may use as a scratchpad (Darcet et al., "Vision transformers need registers", 2024).
	Registers int `json:"num_register_tokens,omitempty" flag:"registers" help:"register tokens"`
	// LayerScale, when not 0, is the first value of a trained factor for each channel of each branch (Touvron et al., "Going deeper with
	// image transformers", 2021, equation 4).
	LayerScale float64 `json:"layerscale_value,omitempty" flag:"layer-scale" help:"first value of a trained scale of each branch; 0 is none"`
	// DropPath is the probability that a training leaves a picture's branch of the last layer out; it rises evenly from 0 at the first
	// (Huang et al., "Deep networks with stochastic depth", 2016).
	DropPath float64 `json:"drop_path_rate,omitempty" flag:"drop-path" help:"probability that the last layer's branches are left out in training"`
}

// Default tells MNIST's digits apart.
func Default() Config {
	return Config{
		ImageSize: 28, PatchSize: 7, Channels: 1, Embed: 64, Layers: 4, Heads: 4, Inner: 128, Classes: 10,
		Activation: "gelu", Eps: 1e-6, QKVBias: true, Pool: ClassToken, Positions: Learned,
	}
}

// Tiny trains in seconds.
func Tiny() Config {
	c := Default()
	c.ImageSize, c.PatchSize, c.Embed, c.Layers, c.Heads, c.Inner, c.Classes = 8, 4, 16, 2, 2, 32, 2
	return c
}

// Base is ViT-B/16 (Dosovitskiy et al., table 1) as Hugging Face's ViTConfig has it; with two classes until it is told others.
func Base() Config {
	return Config{
		ImageSize: 224, PatchSize: 16, Channels: 3, Embed: 768, Layers: 12, Heads: 12, Inner: 3072, Classes: 2,
		Activation: "gelu", Eps: 1e-12, QKVBias: true, Pool: ClassToken, Positions: Learned,
	}
}

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if err := cmp.Or(
		nn.CheckSize("vit", "image_size", c.ImageSize, 1, nn.MaxSize),
		nn.CheckSize("vit", "patch_size", c.PatchSize, 1, nn.MaxSize),
		nn.CheckSize("vit", "num_channels", c.Channels, 1, nn.MaxSize),
		nn.CheckSize("vit", "num_hidden_layers", c.Layers, 1, nn.MaxLayers),
		nn.CheckSize("vit", "intermediate_size", c.Inner, 1, nn.MaxSize),
		nn.CheckSize("vit", "num_labels", c.Classes, 1, nn.MaxSize),
		nn.CheckSize("vit", "num_register_tokens", c.Registers, 0, nn.MaxSize),
	); err != nil {
		return err
	}
	if err := nn.CheckHeads("vit", "hidden_size", c.Embed, "num_attention_heads", c.Heads); err != nil {
		return err
	}
	switch {
	case c.ImageSize%c.PatchSize != 0:
		return fmt.Errorf("vit: image_size is %d: it must be a multiple of patch_size, %d", c.ImageSize, c.PatchSize)
	case activations[c.Activation] == nil:
		return fmt.Errorf("vit: hidden_act is %q: it must be %s", c.Activation, strings.Join(slices.Sorted(maps.Keys(activations)), ", "))
	case !(c.Eps > 0):
		return fmt.Errorf("vit: layer_norm_eps is %g: it must be positive, such as 1e-6", c.Eps)
	case c.Pool != ClassToken && c.Pool != Mean:
		return fmt.Errorf("vit: pool is %q: it must be %q or %q", c.Pool, ClassToken, Mean)
	case c.Positions != Learned && c.Positions != Sinusoidal && c.Positions != None:
		return fmt.Errorf("vit: positions is %q: it must be %q, %q or %q", c.Positions, Learned, Sinusoidal, None)
	case c.Positions == Sinusoidal && (c.Embed%4 != 0 || c.Embed < 8):
		return fmt.Errorf("vit: hidden_size is %d: it must be a multiple of 4, at least 8, for sinusoidal positions, a quarter each for sine and cosine of either axis", c.Embed)
	case c.Distilled && c.Pool != ClassToken:
		return fmt.Errorf("vit: pool is %q: it must be %q for a distilled model", c.Pool, ClassToken)
	case !(c.LayerScale >= 0):
		return fmt.Errorf("vit: layerscale_value is %g: it must be positive, or 0 for none", c.LayerScale)
	case !(c.DropPath >= 0 && c.DropPath < 1):
		return fmt.Errorf("vit: drop_path_rate is %g: it must be at least 0 and less than 1", c.DropPath)
	}
	return nil
}

// grid is the number of patches along a side of a picture as the model was made for.
func (c Config) grid() int { return c.ImageSize / c.PatchSize }

// placed is the number of tokens before the patches that have a learned position: the class's and the teacher's.
func (c Config) placed() int {
	n := 0
	if c.Pool == ClassToken {
		n++
	}
	if c.Distilled {
		n++
	}
	return n
}

// TrainConfig says how to train.
type TrainConfig struct {
	Model Config `json:"model"`
	// Rate rises over WarmUp steps, then falls along half a cosine to MinRate at step Steps.
	Rate    float64 `json:"rate" help:"highest learning rate of AdamW"` // 0 is [Recipe]'s
	MinRate float64 `json:"min_rate" help:"last learning rate"`
	WarmUp  int     `json:"warm_up" help:"steps until the highest learning rate"`
	// Steps until the last learning rate; 0 is all that Options.Epochs ask for at first.
	Steps     int     `json:"steps"`
	Eps       float64 `json:"eps,omitempty"` // added to the root of AdamW's squared gradients; 0 is 1e-8
	Decay     float64 `json:"decay" help:"weight decay of matrices"`
	Smoothing float64 `json:"smoothing" help:"part of a label's probability that is dealt out among all classes"`
	// Mixup and CutMix, when not 0, are the parameters alpha of the Beta distributions by which two pictures and their labels are mixed;
	// where both are given a step takes one or the other. See [Mix].
	Mixup  float64 `json:"mixup,omitempty" help:"alpha of mixup, such as 0.8; 0 is none"`
	CutMix float64 `json:"cutmix,omitempty" help:"alpha of CutMix, such as 1; 0 is none"`
	// Seed is of the first weights and what a training draws; the data set's order has its own.
	Seed uint64 `json:"seed" help:"seed of weights, order and all that is drawn"`

	// Validation, when given, is measured after each epoch: accuracy.
	Validation train.Dataset `json:"-"`

	train.Options `json:"-"`
}

// Recipe tells MNIST's digits apart.
func Recipe() TrainConfig {
	return TrainConfig{
		Model: Default(), Rate: 2e-3, WarmUp: 200, Decay: 0.05, Smoothing: 0.1, Seed: 1,
		Options: train.Options{Run: "runs/vit", Epochs: 6},
	}
}

// filled has the defaults in place of zeros.
func (c TrainConfig) filled() TrainConfig {
	c.Rate = cmp.Or(c.Rate, Recipe().Rate)
	return c
}

func (c TrainConfig) validate() error {
	switch {
	case !(c.Rate >= 0):
		return fmt.Errorf("vit: rate is %g: it must be positive", c.Rate)
	case !(c.MinRate >= 0 && c.MinRate <= c.Rate):
		return fmt.Errorf("vit: min_rate is %g: it must be 0 to rate, %g", c.MinRate, c.Rate)
	case c.Steps < 0:
		return fmt.Errorf("vit: steps is %d: it must be at least 1, or 0 for those of the training", c.Steps)
	case c.WarmUp < 0 || c.Steps > 0 && c.WarmUp >= c.Steps:
		return fmt.Errorf("vit: warm_up is %d: it must be 0 or more, and less than all steps, %d", c.WarmUp, c.Steps)
	case !(c.Eps >= 0):
		return fmt.Errorf("vit: eps is %g: it must be positive, or 0 for 1e-8", c.Eps)
	case !(c.Decay >= 0):
		return fmt.Errorf("vit: decay is %g: it must be at least 0", c.Decay)
	case !(c.Smoothing >= 0 && c.Smoothing < 1):
		return fmt.Errorf("vit: smoothing is %g: it must be at least 0 and less than 1", c.Smoothing)
	case !(c.Mixup >= 0):
		return fmt.Errorf("vit: mixup is %g: it must be positive, or 0 for none", c.Mixup)
	case !(c.CutMix >= 0):
		return fmt.Errorf("vit: cutmix is %g: it must be positive, or 0 for none", c.CutMix)
	}
	return c.Model.Validate()
}
