package cyclegan

import (
	"cmp"
	"context"
	"fmt"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// Config is the architecture. The names in JSON are those of the published program's options.
type Config struct {
	Size     int `json:"size" help:"height and width of the pictures that it learns from, a multiple of 4"`
	Channels int `json:"channels"` // 1 for grey, 3 for RGB
	NGF      int `json:"ngf" help:"channels of a generator's first convolution; those after have 2 and 4 times as many"`
	Blocks   int `json:"n_blocks" flag:"blocks" help:"residual blocks of a generator"`
	NDF      int `json:"ndf" help:"channels of a discriminator's first convolution; those after have up to 8 times as many"`
	// Layers decide how much of a picture a discriminator's verdict is about: 16, 34 and 70 pixels a side for 1, 2 and 3.
	Layers int `json:"n_layers" flag:"layers" help:"convolutions of a discriminator that halve the size: 3 judge patches of 70×70"`
}

// Default is the paper's for pictures of 128×128 (section 7.1).
func Default() Config { return Config{Size: 128, Channels: 3, NGF: 64, Blocks: 6, NDF: 64, Layers: 3} }

// Digits is narrow, small and grey.
func Digits() Config { return Config{Size: 28, Channels: 1, NGF: 12, Blocks: 3, NDF: 24, Layers: 2} }

// Tiny trains in seconds.
func Tiny() Config { return Config{Size: 16, Channels: 1, NGF: 3, Blocks: 1, NDF: 3, Layers: 1} }

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if c.Size < 16 || c.Size%4 != 0 || c.Size > 4096 {
		return fmt.Errorf("cyclegan: size is %d: it must be a multiple of 4, 16 to 4096", c.Size)
	}
	if c.Channels != 1 && c.Channels != 3 {
		return fmt.Errorf("cyclegan: channels is %d: it must be 1 or 3", c.Channels)
	}
	for _, f := range []struct {
		name        string
		value, most int
	}{{"ngf", c.NGF, nn.MaxSize}, {"ndf", c.NDF, nn.MaxSize}, {"n_layers", c.Layers, 5}} {
		if err := nn.CheckSize("cyclegan", f.name, f.value, 1, f.most); err != nil {
			return err
		}
	}
	if least := 4 << c.Layers; c.Size < least {
		return fmt.Errorf("cyclegan: size is %d: it must be at least %d for n_layers %d", c.Size, least, c.Layers)
	}
	return nn.CheckSize("cyclegan", "n_blocks", c.Blocks, 0, nn.MaxLayers)
}

// TrainConfig says how to train.
type TrainConfig struct {
	Model Config     `json:"model"`
	Rate  float64    `json:"rate" help:"all Adams' learning rate, which falls to 0 in a straight line over the second half"` // 0 is [Recipe]'s
	Betas [2]float64 `json:"betas"`                                                                                          // 0, 0 is [Recipe]'s
	Eps   float64    `json:"eps,omitempty"`                                                                                  // 0 is 1e-8
	// Steps until the rate is 0; 0 is all that Options.Epochs ask for at first.
	Steps int `json:"steps"`

	Cycle    float64 `json:"cycle" help:"weight of coming back to the picture that one set out from"`
	Identity float64 `json:"identity" help:"weight, beside that, of leaving a picture that is of the style already as it is"`
	Pool     int     `json:"pool" help:"made pictures that the discriminators may be shown again; 0 for none"`
	// Seed is of the first weights and the pools; the data sets' order has its own.
	Seed uint64 `json:"seed" help:"seed of weights, order and pools"`

	// Evaluate, when given, measures the model after each epoch.
	Evaluate func(ctx context.Context, m *Model) ([]train.Metric, error) `json:"-"`
	// AfterEpoch, when given, is called after each epoch with the model as it stands and the run's folder for samples.
	AfterEpoch func(ctx context.Context, m *Model, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// Recipe has the paper's losses and weights, for digits; twice its rate, for a training of minutes.
func Recipe() TrainConfig {
	return TrainConfig{
		Model: Digits(), Rate: 4e-4, Betas: [2]float64{0.5, 0.999}, Cycle: 10, Identity: 0.5, Pool: 50, Seed: 1,
		Options: train.Options{Run: "runs/cyclegan", Epochs: 2},
	}
}

// filled has the defaults in place of zeros.
func (c TrainConfig) filled() TrainConfig {
	recipe := Recipe()
	c.Rate, c.Betas, c.Eps = cmp.Or(c.Rate, recipe.Rate), cmp.Or(c.Betas, recipe.Betas), cmp.Or(c.Eps, 1e-8)
	return c
}

func (c TrainConfig) validate() error {
	for _, f := range []struct {
		name  string
		value float64
	}{{"rate", c.Rate}, {"eps", c.Eps}, {"cycle", c.Cycle}, {"identity", c.Identity}} {
		if !(f.value >= 0) {
			return fmt.Errorf("cyclegan: %s is %g: it must be at least 0", f.name, f.value)
		}
	}
	for _, beta := range c.Betas {
		if !(beta >= 0 && beta < 1) {
			return fmt.Errorf("cyclegan: betas is %v: both must be at least 0 and less than 1", c.Betas)
		}
	}
	if c.Pool < 0 || c.Pool > 10000 {
		return fmt.Errorf("cyclegan: pool is %d: it must be 0 to 10000", c.Pool)
	}
	if c.Steps < 0 {
		return fmt.Errorf("cyclegan: steps is %d: it must be at least 1, or 0 for those of the training", c.Steps)
	}
	return c.Model.Validate()
}
