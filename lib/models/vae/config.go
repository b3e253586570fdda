package vae

import (
	"cmp"
	"context"
	"fmt"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// Config is the architecture. The names in JSON are those of the article's constructor.
type Config struct {
	InputDim  int `json:"input_dim"` // values of one example, in [0, 1]
	HiddenDim int `json:"hidden_dim" flag:"hidden" help:"width of the one hidden layer on either side"`
	LatentDim int `json:"latent_dim" flag:"latent" help:"dimensions of the latent space"`
}

// Default is the article's: 784-400-20, for MNIST.
func Default() Config { return Config{InputDim: 784, HiddenDim: 400, LatentDim: 20} }

// Plane has a latent space of two dimensions, which [Model.Manifold] draws.
func Plane() Config { return Config{InputDim: 784, HiddenDim: 400, LatentDim: 2} }

// Tiny trains in seconds.
func Tiny() Config { return Config{InputDim: 784, HiddenDim: 32, LatentDim: 4} }

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if err := cmp.Or(
		nn.CheckSize("vae", "input_dim", c.InputDim, 1, nn.MaxSize),
		nn.CheckSize("vae", "hidden_dim", c.HiddenDim, 1, nn.MaxSize),
		nn.CheckSize("vae", "latent_dim", c.LatentDim, 1, nn.MaxSize),
	); err != nil {
		return err
	}
	return nil
}

// TrainConfig says how to train.
type TrainConfig struct {
	Model Config  `json:"model"`
	Rate  float64 `json:"rate" help:"Adam's learning rate"` // 0 is [Recipe]'s
	// Seed is of the first weights and the noise; the data set's order has its own.
	Seed uint64 `json:"seed" help:"seed of weights, order and noise"`
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
	return c.Model.Validate()
}
