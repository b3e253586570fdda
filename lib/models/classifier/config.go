package classifier

import (
	"cmp"
	"fmt"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// Config is the architecture.
type Config struct {
	Size     int `json:"size"`     // height and width of a picture, a multiple of 4
	Channels int `json:"channels"` // 1 for grey, 3 for RGB
	Width    int `json:"width"`    // channels of the first convolution; those after have 2 and 4 times as many
	Features int `json:"features"` // values that the classes are told by, see [Model.Features]
	Classes  int `json:"classes"`
}

// Default is for MNIST's digits.
func Default() Config { return Config{Size: 28, Channels: 1, Width: 16, Features: 64, Classes: 10} }

// Tiny trains in seconds.
func Tiny() Config { return Config{Size: 8, Channels: 1, Width: 2, Features: 8, Classes: 2} }

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if err := cmp.Or(
		nn.CheckSize("classifier", "channels", c.Channels, 1, nn.MaxSize),
		nn.CheckSize("classifier", "width", c.Width, 1, nn.MaxSize),
		nn.CheckSize("classifier", "features", c.Features, 1, nn.MaxSize),
		nn.CheckSize("classifier", "classes", c.Classes, 2, nn.MaxSize),
	); err != nil {
		return err
	}
	if c.Size < 4 || c.Size%4 != 0 || c.Size > 4096 {
		return fmt.Errorf("classifier: size is %d: it must be a multiple of 4, at most 4096", c.Size)
	}
	return nil
}

// TrainConfig says how to train.
type TrainConfig struct {
	Model Config `json:"model"`
	// Rate falls to 0 in a straight line; 0 is [Recipe]'s.
	Rate float64 `json:"rate" help:"Adam's learning rate at first"`
	// Seed is of the first weights and dropout; the data set's order has its own.
	Seed  uint64 `json:"seed" help:"seed of weights, order and dropout"`
	Steps int    `json:"steps"` // after which the rate is 0; 0 is those of the training

	// Validation, when given, is measured after each epoch: accuracy.
	Validation train.Dataset `json:"-"`

	train.Options `json:"-"`
}

// Recipe tells MNIST's digits apart.
func Recipe() TrainConfig {
	return TrainConfig{Model: Default(), Rate: 2e-3, Seed: 1, Options: train.Options{Run: "runs/digits", Epochs: 6}}
}

// filled has the default in the place of a zero rate.
func (c TrainConfig) filled() TrainConfig {
	c.Rate = cmp.Or(c.Rate, Recipe().Rate)
	return c
}

func (c TrainConfig) validate() error {
	if !(c.Rate >= 0) {
		return fmt.Errorf("classifier: rate is %g: it must be positive", c.Rate)
	}
	if c.Steps < 0 {
		return fmt.Errorf("classifier: steps is %d: it must be at least 1", c.Steps)
	}
	return c.Model.Validate()
}
