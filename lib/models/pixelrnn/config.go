package pixelrnn

import (
	"cmp"
	"context"
	"fmt"

	"genlab/lib/nn"
	"genlab/lib/nn/pixels"
	"genlab/lib/train"
)

// Variant is how an LSTM goes over a picture.
type Variant string

// Row goes from the top down, a row a step, and sees a triangle above each pixel; Diagonal goes from both upper corners, a diagonal a step,
// and sees all that comes before.
const (
	Row      Variant = "row"
	Diagonal Variant = "diagonal"
)

// Config is the architecture.
type Config struct {
	Variant   Variant `json:"variant" help:"row or diagonal"`
	Channels  int     `json:"channels"` // colours of a pixel
	Levels    int     `json:"levels" help:"values that a colour takes: 2 is black and white, 256 all"`
	Hidden    int     `json:"hidden" help:"size of an LSTM's state; between the layers there are twice as many channels"`
	Layers    int     `json:"layers" help:"how many LSTMs"`
	OutHidden int     `json:"out_hidden" help:"channels of the last layer but one"`
	Kernel    int     `json:"kernel" help:"side of the first layer's kernel, odd"`
	// Height and Width are of the pictures that are drawn; the network takes any.
	Height int `json:"height,omitempty"`
	Width  int `json:"width,omitempty"`
}

// Default is a Row LSTM for black and white digits with about as many parameters as the default PixelCNN.
func Default() Config {
	return Config{Variant: Row, Channels: 1, Levels: 2, Hidden: 32, Layers: 4, OutHidden: 64, Kernel: 7, Height: 28, Width: 28}
}

// BiLSTM is the Diagonal BiLSTM of the same sizes, with a tenth less parameters.
func BiLSTM() Config {
	c := Default()
	c.Variant = Diagonal
	return c
}

// Seven has the paper's seven layers (table 1), of 16 of its channels where the paper has 64 for digits (section 5.4).
func Seven() Config {
	c := BiLSTM()
	c.Hidden, c.Layers = 16, 7
	return c
}

// Tiny trains in seconds.
func Tiny() Config {
	c := Default()
	c.Hidden, c.Layers, c.OutHidden = 6, 1, 8
	return c
}

// Likelihood is the distribution of a pixel that the network gives.
func (c Config) Likelihood() pixels.Likelihood {
	return pixels.Likelihood{Channels: c.Channels, Levels: c.Levels}
}

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if err := c.Likelihood().Validate("pixelrnn"); err != nil {
		return err
	}
	if err := cmp.Or(
		nn.CheckSize("pixelrnn", "hidden", c.Hidden, 1, nn.MaxSize),
		nn.CheckSize("pixelrnn", "layers", c.Layers, 1, nn.MaxLayers),
		nn.CheckSize("pixelrnn", "out_hidden", c.OutHidden, 1, nn.MaxSize),
		nn.CheckSize("pixelrnn", "kernel", c.Kernel, 3, nn.MaxKernel),
		nn.CheckSize("pixelrnn", "height", c.Height, 1, nn.MaxSize),
		nn.CheckSize("pixelrnn", "width", c.Width, 1, nn.MaxSize),
	); err != nil {
		return err
	}
	switch {
	case c.Variant != Row && c.Variant != Diagonal:
		return fmt.Errorf("pixelrnn: variant is %q: it must be %q or %q", c.Variant, Row, Diagonal)
	case c.Kernel%2 == 0:
		return fmt.Errorf("pixelrnn: kernel is %d: it must be odd, so that it has a middle that it can't see", c.Kernel)
	}
	return nil
}

// TrainConfig says how to train.
type TrainConfig struct {
	Model Config  `json:"model"`
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
	AfterEpoch func(ctx context.Context, m *Model, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// Recipe trains the default model to its figure.
func Recipe() TrainConfig {
	return TrainConfig{Model: Default(), Rate: 2e-3, WarmUp: 100, Seed: 1, Options: train.Options{Run: "runs/pixelrnn", Epochs: 3}}
}

// filled has the defaults in place of zeros.
func (c TrainConfig) filled() TrainConfig {
	c.Rate = cmp.Or(c.Rate, Recipe().Rate)
	return c
}

func (c TrainConfig) validate() error {
	switch {
	case !(c.Rate >= 0):
		return fmt.Errorf("pixelrnn: rate is %g: it must be positive", c.Rate)
	case c.WarmUp < 0:
		return fmt.Errorf("pixelrnn: warm_up is %d: it must be at least 0", c.WarmUp)
	case c.Total < 0:
		return fmt.Errorf("pixelrnn: total is %d: it must be at least 1, or 0 for all steps", c.Total)
	}
	return c.Model.Validate()
}
