package gan

import (
	"cmp"
	"context"
	"fmt"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// Config is the architecture: two perceptrons.
type Config struct {
	NZ     int `json:"nz"`     // size of the noise z
	Dims   int `json:"dims"`   // of the points
	Hidden int `json:"hidden"` // width of the hidden layers
	Layers int `json:"layers"` // hidden layers of each model
}

// Default is for points in a plane.
func Default() Config { return Config{NZ: 2, Dims: 2, Hidden: 128, Layers: 3} }

// Line is for points on a line.
func Line() Config { return Config{NZ: 1, Dims: 1, Hidden: 32, Layers: 2} }

// Tiny trains in seconds.
func Tiny() Config { return Config{NZ: 1, Dims: 1, Hidden: 16, Layers: 2} }

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if err := cmp.Or(
		nn.CheckSize("gan", "nz", c.NZ, 1, nn.MaxSize),
		nn.CheckSize("gan", "dims", c.Dims, 1, nn.MaxSize),
		nn.CheckSize("gan", "hidden", c.Hidden, 1, nn.MaxSize),
		nn.CheckSize("gan", "layers", c.Layers, 1, nn.MaxLayers),
	); err != nil {
		return err
	}
	return nil
}

// TrainConfig says how to train.
type TrainConfig struct {
	Model   Config     `json:"model"`
	Loss    nn.GANLoss `json:"loss,omitempty"`
	Rate    float64    `json:"rate"`              // both Adams' learning rate; 0 is [Recipe]'s
	DSteps  int        `json:"d_steps,omitempty"` // of the discriminator for one of the generator, on the same points; 0 is [Recipe]'s
	Penalty float64    `json:"penalty,omitempty"` // weight of nn.WGANGP's gradient penalty; 0 is 0.1, small as the points' distances are
	Seed    uint64     `json:"seed"`              // of the first weights and the noise

	// AfterEpoch, when given, is called after each epoch with the model as it stands and the run's folder for samples.
	AfterEpoch func(ctx context.Context, m *Model, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// Recipe trains on points in a plane.
func Recipe() TrainConfig {
	return TrainConfig{Model: Default(), Rate: 1e-3, DSteps: 1, Seed: 1, Options: train.Options{Run: "runs/gan", Epochs: 12}}
}

// filled has the defaults in place of zeros.
func (c TrainConfig) filled() TrainConfig {
	recipe := Recipe()
	c.Rate, c.DSteps = cmp.Or(c.Rate, recipe.Rate), cmp.Or(c.DSteps, recipe.DSteps)
	if c.Loss == nn.WGANGP {
		c.Penalty = cmp.Or(c.Penalty, 0.1)
	}
	return c
}

func (c TrainConfig) validate() error {
	if err := c.Loss.Validate(); err != nil {
		return fmt.Errorf("gan: %w", err)
	}
	if !(c.Rate >= 0) {
		return fmt.Errorf("gan: rate is %g: it must be positive", c.Rate)
	}
	if c.DSteps < 0 {
		return fmt.Errorf("gan: d_steps is %d: it must be at least 1", c.DSteps)
	}
	if c.Penalty < 0 || c.Penalty > 0 && c.Loss != nn.WGANGP {
		return fmt.Errorf("gan: penalty is %g with loss %q: it must be positive, and 0 with a loss that has none", c.Penalty, c.Loss)
	}
	return c.Model.Validate()
}
