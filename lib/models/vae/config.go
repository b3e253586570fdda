package vae

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// Config is the architecture. The names in JSON are those of the article's constructor.
type Config struct {
	InputDim  int `json:"input_dim"` // values of one example, in [0, 1]
	HiddenDim int `json:"hidden_dim" flag:"hidden" help:"width of the one hidden layer on either side"`
	LatentDim int `json:"latent_dim" flag:"latent" help:"dimensions of the latent space"`
	// Widths, when given, are the channels of convolutions that halve a square picture, in the place of the hidden layer; see [ConvNet].
	Widths   []int `json:"widths,omitempty" flag:"widths" help:"channels of convolutions that halve the picture, in the place of the hidden layer"`
	Channels int   `json:"channels,omitempty"` // of the picture, with Widths; 0 is 1
}

// Default is the article's: 784-400-20, for MNIST.
func Default() Config { return Config{InputDim: 784, HiddenDim: 400, LatentDim: 20} }

// Plane has a latent space of two dimensions, which [Model.Manifold] draws.
func Plane() Config { return Config{InputDim: 784, HiddenDim: 400, LatentDim: 2} }

// Convolutional halves the picture twice.
func Convolutional() Config { return Config{InputDim: 784, LatentDim: 20, Widths: []int{32, 64}} }

// Tiny trains in seconds.
func Tiny() Config { return Config{InputDim: 784, HiddenDim: 32, LatentDim: 4} }

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	hidden := c.HiddenDim
	if len(c.Widths) > 0 {
		hidden = 1 // there is none
	}
	if err := cmp.Or(
		nn.CheckSize("vae", "input_dim", c.InputDim, 1, nn.MaxSize),
		nn.CheckSize("vae", "hidden_dim", hidden, 1, nn.MaxSize),
		nn.CheckSize("vae", "latent_dim", c.LatentDim, 1, nn.MaxSize),
	); err != nil {
		return err
	}
	return c.validateConvolutions()
}

func (c Config) validateConvolutions() error {
	if len(c.Widths) == 0 {
		return nil
	}
	for _, w := range c.Widths {
		if err := nn.CheckSize("vae", "widths", w, 1, nn.MaxSize); err != nil {
			return err
		}
	}
	size, channels := c.size(), c.channels()
	if channels < 1 || size*size*channels != c.InputDim {
		return fmt.Errorf("vae: input_dim is %d: with widths it must be a square picture of %d channels", c.InputDim, channels)
	}
	if halvings := len(c.Widths); halvings > 12 || size%(1<<halvings) != 0 {
		return fmt.Errorf("vae: a picture is %d high and wide: it must be a multiple of %d, which %d widths halve", size, 1<<halvings, halvings)
	}
	return nil
}

// channels and size are of the picture that convolutions see.
func (c Config) channels() int { return cmp.Or(c.Channels, 1) }
func (c Config) size() int {
	return int(math.Round(math.Sqrt(float64(c.InputDim) / float64(c.channels()))))
}

// TrainConfig says how to train.
type TrainConfig struct {
	Model Config  `json:"model"`
	Rate  float64 `json:"rate" help:"Adam's learning rate"` // 0 is [Recipe]'s
	// Beta weighs the divergence against the reconstruction (Higgins et al., "beta-VAE", 2017, equation 4); 0 is 1.
	Beta float64 `json:"beta,omitempty" help:"weight of the divergence from the prior; 0 is 1"`
	// Plain leaves out noise and divergence: an autoencoder, whose latent point is the mean.
	Plain bool `json:"plain,omitempty" help:"an autoencoder without noise and divergence"`
	// Seed is of the first weights and the noise; the data set's order has its own.
	Seed uint64 `json:"seed" help:"seed of weights, order and noise"`
	// Eps is added to the root of the second moment; 0 is Adam's 1e-8. Comparisons set it, so that a gradient of pure rounding moves nothing.
	Eps float64 `json:"eps,omitempty"`
	// Start, when given, is a file with the first weights, as [Model.Load] reads it, instead of fresh ones.
	Start string `json:"start,omitempty" help:"the first weights: a PyTorch state_dict, .safetensors or .pt (default fresh ones)"`
	Key   string `json:"key,omitempty" help:"with --start: which of the state_dicts in a .pt file, such as model"`
	// StripPrefix is taken off the names in Start's file, such as "module.".
	StripPrefix string `json:"strip_prefix,omitempty" help:"with --start: what to take off the weights' names, such as module."`

	// Validation, when given, is measured after each epoch: its loss in nats an example stands in the metrics as validation_loss.
	Validation train.Dataset `json:"-"`
	// AfterEpoch, when given, is called after each epoch with the model as it stands and the run's folder for samples.
	AfterEpoch func(ctx context.Context, m *Model, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// Recipe trains the article's model to its figure.
func Recipe() TrainConfig {
	return TrainConfig{Model: Default(), Rate: 1e-3, Seed: 1, Options: train.Options{Run: "runs/vae", Epochs: 10}}
}

// filled has the defaults in place of zeros.
func (c TrainConfig) filled() TrainConfig {
	c.Rate = cmp.Or(c.Rate, Recipe().Rate)
	return c
}

func (c TrainConfig) validate() error {
	if !(c.Rate >= 0) {
		return fmt.Errorf("vae: rate is %g: it must be positive", c.Rate)
	}
	if !(c.Beta >= 0) {
		return fmt.Errorf("vae: beta is %g: it must be positive", c.Beta)
	}
	return c.Model.Validate()
}
