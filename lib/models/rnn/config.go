// Package rnn holds recurrent networks: the article's RNN with its training program ([Program]), and a language model of characters
// ([Model]; Karpathy, "The unreasonable effectiveness of recurrent neural networks", 2015) with RNN, LSTM or GRU cells.
package rnn

import (
	"cmp"
	"context"
	"fmt"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// Config is the architecture of the language model.
type Config struct {
	Cell    string  `json:"cell" help:"lstm, gru, rnn (tanh) or relu"`
	Vocab   string  `json:"vocab"` // the characters it knows; a character's number is its place
	Embed   int     `json:"embed" help:"width of a character's vector"`
	Hidden  int     `json:"hidden" help:"width of a layer"`
	Layers  int     `json:"layers" help:"recurrent layers"`
	Dropout float64 `json:"dropout" help:"dropout between layers and before the output"`
}

// Default is one layer of 256 LSTM cells; give it the text's vocabulary. A second layer gains nothing on a text of half a million
// characters, as the Opticks is, in the same time (docs/figures.md).
func Default() Config { return Config{Cell: "lstm", Embed: 64, Hidden: 256, Layers: 1} }

// Tiny trains in seconds.
func Tiny() Config { return Config{Cell: "lstm", Embed: 16, Hidden: 32, Layers: 1} }

var cells = map[string]nn.Cell{"rnn": nn.TanhCell, "relu": nn.ReLUCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if _, ok := cells[c.Cell]; !ok {
		return fmt.Errorf("rnn: cell is %q: it must be lstm, gru, rnn or relu", c.Cell)
	}
	if c.Dropout < 0 || c.Dropout >= 1 {
		return fmt.Errorf("rnn: dropout is %g: it must be at least 0 and less than 1", c.Dropout)
	}
	if len([]rune(c.Vocab)) < 2 {
		return fmt.Errorf("rnn: vocab has %d characters: it must have at least 2, those of the text", len([]rune(c.Vocab)))
	}
	return cmp.Or(
		nn.CheckSize("rnn", "layers", c.Layers, 1, nn.MaxLayers),
		nn.CheckSize("rnn", "embed", c.Embed, 1, nn.MaxSize),
		nn.CheckSize("rnn", "hidden", c.Hidden, 1, nn.MaxSize),
	)
}

// TrainConfig says how to train the language model.
type TrainConfig struct {
	Model Config  `json:"model"`
	Rate  float64 `json:"rate" help:"Adam's learning rate"`                         // 0 is [Recipe]'s
	Clip  float64 `json:"clip" help:"largest norm of the gradient; negative: none"` // 0 is [Recipe]'s
	Seed  uint64  `json:"seed" help:"seed of weights and dropout"`
	// Start, when given, is a file with the first weights, as [Model.Load] reads it, instead of fresh ones.
	Start string `json:"start,omitempty" help:"the first weights: a PyTorch state_dict, .safetensors or .pt (default fresh ones)"`
	Key   string `json:"key,omitempty" help:"with --start: which of the state_dicts in a .pt file, such as model"`
	// StripPrefix is taken off the names in Start's file, such as "module.".
	StripPrefix string `json:"strip_prefix,omitempty" help:"with --start: what to take off the weights' names, such as module."`

	// Validation, when given, is measured after each epoch: its loss in nats a character stands in the metrics as validation_loss.
	Validation train.Dataset `json:"-"`
	// AfterEpoch, when given, is called after each epoch with the model as it stands and the run's folder for samples.
	AfterEpoch func(ctx context.Context, m *Model, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// Recipe trains the default model to its figure; it wants the text's vocabulary.
func Recipe() TrainConfig {
	return TrainConfig{Model: Default(), Rate: 2e-3, Clip: 5, Seed: 1, Options: train.Options{Run: "runs/lstm", Epochs: 10}}
}

// filled has the defaults in place of zeros.
func (c TrainConfig) filled() TrainConfig {
	recipe := Recipe()
	c.Rate, c.Clip = cmp.Or(c.Rate, recipe.Rate), cmp.Or(c.Clip, recipe.Clip)
	return c
}

func (c TrainConfig) validate() error {
	if !(c.Rate >= 0) {
		return fmt.Errorf("rnn: rate is %g: it must be positive", c.Rate)
	}
	return c.Model.Validate()
}
