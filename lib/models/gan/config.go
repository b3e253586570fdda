package gan

import (
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
	for _, f := range []struct {
		name  string
		value int
	}{{"nz", c.NZ}, {"dims", c.Dims}, {"hidden", c.Hidden}, {"layers", c.Layers}} {
		if f.value < 1 {
			return fmt.Errorf("gan: %s is %d: it must be at least 1", f.name, f.value)
		}
	}
	return nil
}

// TrainConfig says how to train.
type TrainConfig struct {
	Model   Config     `json:"model"`
	Loss    nn.GANLoss `json:"loss,omitempty"`
	Rate    float64    `json:"rate"`              // both Adams' learning rate; 0 is 1e-3
	DSteps  int        `json:"d_steps,omitempty"` // of the discriminator for one of the generator, on the same points; 0 is 1
	Penalty float64    `json:"penalty,omitempty"` // weight of nn.WGANGP's gradient penalty; 0 is 0.1, small as the points' distances are
	Seed    uint64     `json:"seed"`              // of the first weights and the noise

	train.Options `json:"-"`
}

func (c TrainConfig) filled() TrainConfig {
	if c.Rate == 0 {
		c.Rate = 1e-3
	}
	if c.Loss == nn.WGANGP && c.Penalty == 0 {
		c.Penalty = 0.1
	}
	c.DSteps = max(c.DSteps, 1)
	return c
}

func (c TrainConfig) validate() error {
	if err := c.Loss.Validate(); err != nil {
		return fmt.Errorf("gan: %w", err)
	}
	if c.Rate < 0 || c.Penalty < 0 || c.DSteps < 0 {
		return fmt.Errorf("gan: rate is %g, penalty %g, d_steps %d: none may be negative", c.Rate, c.Penalty, c.DSteps)
	}
	if c.Penalty > 0 && c.Loss != nn.WGANGP {
		return fmt.Errorf("gan: penalty is %g with loss %q: it must be 0 with a loss that has none", c.Penalty, c.Loss)
	}
	return c.Model.Validate()
}
