// Package pixelwise trains networks that draw pictures pixel by pixel, such as a PixelCNN and a PixelRNN: what they share but for their layers.
package pixelwise

import (
	"cmp"
	"context"
	"fmt"

	"genlab/lib/nn/pixels"
	"genlab/lib/train"
)

// Config is the architecture of such a network.
type Config interface {
	Validate() error
	// Painter declares the network's layers and says what it paints; it has no weights and no [pixels.Painter.Run] yet.
	Painter() (*pixels.Painter, error)
}

// TrainConfig says how to train.
type TrainConfig[C Config] struct {
	Model C       `json:"model"`
	Rate  float64 `json:"rate" help:"Adam's highest learning rate"` // 0 is [Recipe]'s
	// WarmUp is how many steps the rate rises for; then it falls along half a cosine to 0.
	WarmUp int `json:"warm_up" help:"steps until the highest rate"`
	// Total is the step at which the rate is 0; 0 is all that Epochs ask for at first. A [Step] without it keeps its rate.
	Total int     `json:"total" help:"steps until the rate is 0; 0 is all that --epochs asks for at first"`
	Eps   float64 `json:"eps,omitempty"` // Adam's; 0 is 1e-8
	// Seed is of the first weights and the draws of black and white; the data set's order has its own.
	Seed uint64 `json:"seed" help:"seed of weights, order and draws"`

	// Validation, when given, is measured after each epoch, in nats a picture: validation_loss.
	Validation train.Dataset `json:"-"`
	// AfterEpoch, when given, is called after each epoch with the model as it stands and the run's folder for samples.
	AfterEpoch func(ctx context.Context, m *Model[C], epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// rate is Adam's.
const rate = 2e-3

// Recipe trains the model id with an architecture of about 50,000 parameters on MNIST.
func Recipe[C Config](id string, c C) TrainConfig[C] {
	return TrainConfig[C]{Model: c, Rate: rate, WarmUp: 100, Seed: 1, Options: train.Options{Run: "runs/" + id, Epochs: 3}}
}

// filled has the defaults in place of zeros.
func (c TrainConfig[C]) filled() TrainConfig[C] {
	c.Rate = cmp.Or(c.Rate, rate)
	return c
}

func (c TrainConfig[C]) validate(id string) error {
	switch {
	case !(c.Rate >= 0):
		return fmt.Errorf("%s: rate is %g: it must be positive", id, c.Rate)
	case c.WarmUp < 0:
		return fmt.Errorf("%s: warm_up is %d: it must be at least 0", id, c.WarmUp)
	case c.Total < 0:
		return fmt.Errorf("%s: total is %d: it must be at least 1, or 0 for all steps", id, c.Total)
	}
	return c.Model.Validate()
}
