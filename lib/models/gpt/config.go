package gpt

import (
	"cmp"
	"context"
	"fmt"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// Config is a GPT's architecture. The names in JSON are those of Hugging Face's GPT-2, where it has the field.
type Config struct {
	VocabSize int `json:"vocab_size"`
	Context   int `json:"n_positions" flag:"context" help:"longest text that it sees, in tokens"`
	Layers    int `json:"n_layer" flag:"layers" help:"layers"`
	Heads     int `json:"n_head" flag:"heads" help:"heads of attention"`
	// KVHeads is the number of heads of keys and values, each shared by n_head/n_kv_head heads of queries (Ainslie et al., "GQA:
	// training generalized multi-query transformer models", 2023, section 2.2); 0 is n_head.
	KVHeads int `json:"n_kv_head,omitempty"`
	Embed   int `json:"n_embd" flag:"embed" help:"width, a multiple of the heads"`
	Inner   int `json:"n_inner,omitempty"` // width between the two layers of a feed-forward part; 0 is 4·n_embd, 8/3·n_embd for SwiGLU

	Dropout   float64   `json:"dropout" help:"dropout of embeddings, attention weights and the output of each part"`
	Bias      bool      `json:"bias"` // biases in linear layers and layer norms, as GPT-2 has
	Positions Positions `json:"positions"`
	RopeTheta float64   `json:"rope_theta,omitempty"` // of rotary positions; 0 is 10000
	Norm      Norm      `json:"norm"`
	Eps       float64   `json:"layer_norm_epsilon"`
	MLP       MLP       `json:"mlp"`
	Untied    bool      `json:"untied,omitempty"` // the head has weights of its own, not the token embedding's
}

// Positions says how a model knows the order of tokens.
type Positions string

// Learned positions are GPT-2's; Rotary ones are [nn.Rotary].
const (
	Learned Positions = "learned"
	Rotary  Positions = "rotary"
)

// Norm is the kind of normalisation.
type Norm string

// LayerNorm is GPT-2's; RMSNorm is [nn.RMSNorm].
const (
	LayerNorm Norm = "layer"
	RMSNorm   Norm = "rms"
)

// MLP is the kind of feed-forward part.
type MLP string

// GELU is GPT-2's, with the approximation by tanh; SwiGLU is Shazeer, "GLU variants improve transformer", 2020, equation 6.
const (
	GELU   MLP = "gelu"
	SwiGLU MLP = "swiglu"
)

// Default learns a book's characters in minutes on two cores, n of them: nanoGPT's settings for a laptop.
func Default(n int) Config {
	return Config{VocabSize: n, Context: 64, Layers: 4, Heads: 4, Embed: 128, Positions: Learned, Norm: LayerNorm, Eps: 1e-5, MLP: GELU}
}

// Tiny trains in seconds.
func Tiny(n int) Config {
	c := Default(n)
	c.Context, c.Layers, c.Heads, c.Embed = 32, 2, 2, 32
	return c
}

// Modern is Default with what has become usual since GPT-2: rotary positions, RMSNorm, SwiGLU, two query heads to each key.
func Modern(n int) Config {
	c := Default(n)
	c.Positions, c.Norm, c.MLP, c.KVHeads = Rotary, RMSNorm, SwiGLU, c.Heads/2
	return c
}

// GPT2 is the 124 M model of Radford et al., "Language models are unsupervised multitask learners", 2019, table 2.
func GPT2() Config {
	c := Default(50257)
	c.Context, c.Layers, c.Heads, c.Embed, c.Dropout, c.Bias = 1024, 12, 12, 768, 0.1, true
	return c
}

// GPT2Medium has 355 M parameters.
func GPT2Medium() Config { return gpt2(24, 16, 1024) }

// GPT2Large has 774 M parameters.
func GPT2Large() Config { return gpt2(36, 20, 1280) }

// GPT2XL has 1.5 G parameters.
func GPT2XL() Config { return gpt2(48, 25, 1600) }

func gpt2(layers, heads, embed int) Config {
	c := GPT2()
	c.Layers, c.Heads, c.Embed = layers, heads, embed
	return c
}

// kvHeads, inner and theta resolve the fields that may be zero.
func (c Config) kvHeads() int { return cmp.Or(c.KVHeads, c.Heads) }

func (c Config) inner() int {
	switch {
	case c.Inner != 0:
		return c.Inner
	case c.MLP == SwiGLU:
		return 8 * c.Embed / 3
	}
	return 4 * c.Embed
}

func (c Config) theta() float64 { return cmp.Or(c.RopeTheta, 10000) }

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if err := nn.CheckHeads("gpt", "n_embd", c.Embed, "n_head", c.Heads); err != nil {
		return err
	}
	if err := cmp.Or(
		nn.CheckSize("gpt", "vocab_size", c.VocabSize, 2, nn.MaxSize),
		nn.CheckSize("gpt", "n_positions", c.Context, 2, nn.MaxSize),
		nn.CheckSize("gpt", "n_layer", c.Layers, 1, nn.MaxLayers),
		nn.CheckSize("gpt", "n_kv_head", c.KVHeads, 0, nn.MaxSize),
		nn.CheckSize("gpt", "n_inner", c.Inner, 0, nn.MaxSize),
	); err != nil {
		return err
	}
	switch {
	case c.Heads%c.kvHeads() != 0:
		return fmt.Errorf("gpt: n_kv_head is %d: it must divide n_head, %d", c.KVHeads, c.Heads)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return fmt.Errorf("gpt: dropout is %g: it must be at least 0 and less than 1", c.Dropout)
	case !(c.Eps > 0):
		return fmt.Errorf("gpt: layer_norm_epsilon is %g: it must be positive, such as 1e-5", c.Eps)
	case c.Positions != Learned && c.Positions != Rotary:
		return fmt.Errorf("gpt: positions is %q: it must be %q or %q", c.Positions, Learned, Rotary)
	case c.Positions == Rotary && c.Embed/c.Heads%2 != 0:
		return fmt.Errorf("gpt: n_embd/n_head is %d: it must be even for rotary positions, which turn pairs of values", c.Embed/c.Heads)
	case c.RopeTheta < 0:
		return fmt.Errorf("gpt: rope_theta is %g: it must be positive", c.RopeTheta)
	case c.Norm != LayerNorm && c.Norm != RMSNorm:
		return fmt.Errorf("gpt: norm is %q: it must be %q or %q", c.Norm, LayerNorm, RMSNorm)
	case c.MLP != GELU && c.MLP != SwiGLU:
		return fmt.Errorf("gpt: mlp is %q: it must be %q or %q", c.MLP, GELU, SwiGLU)
	}
	return nil
}

// TrainConfig says how to train. Zero fields that have another meaning say so.
type TrainConfig struct {
	Model   Config  `json:"model"`
	Rate    float64 `json:"rate" help:"highest learning rate"`
	MinRate float64 `json:"min_rate" help:"last learning rate"`
	WarmUp  int     `json:"warm_up" help:"steps until the highest learning rate"`
	Beta2   float64 `json:"beta2"`         // how slowly Adam forgets squared gradients: 0.99 for small batches, 0.95 for large ones
	Eps     float64 `json:"eps,omitempty"` // added to the root of Adam's squared gradients; 0 is 1e-8
	Decay   float64 `json:"decay" help:"weight decay of matrices"`
	Clip    float64 `json:"clip" help:"longest gradient; 0 doesn't clip"`
	// Accumulate is 1 where it is 0.
	Accumulate int `json:"accumulate" help:"parts that a batch is computed in, to save memory"`
	// Total is the number of steps until the last learning rate; 0 is all that Options.Epochs ask for at first.
	Total int `json:"total"`
	// Seed is of the first weights and dropout; the data set's order has its own.
	Seed uint64 `json:"seed" help:"seed of weights, order and dropout"`

	// Validation, when given, is measured after each epoch: its loss in nats a token stands in the metrics as validation_loss, and the
	// weights of the lowest one are kept for [Open].
	Validation train.Dataset `json:"-"`
	// AfterEpoch, when given, is called after each epoch with the model as it stands and the run's folder for samples.
	AfterEpoch func(ctx context.Context, m *Model, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// Recipe is nanoGPT's for small models. Its model has no vocabulary yet: that comes from the text.
func Recipe() TrainConfig {
	return TrainConfig{
		Model: Default(0), Rate: 1e-3, MinRate: 1e-4, WarmUp: 100, Beta2: 0.99, Decay: 0.1, Clip: 1, Accumulate: 1, Seed: 1,
		Options: train.Options{Run: "runs/gpt", Epochs: 8},
	}
}

// filled has the defaults in place of zeros.
func (c TrainConfig) filled() TrainConfig {
	c.Accumulate = cmp.Or(c.Accumulate, Recipe().Accumulate)
	return c
}

func (c TrainConfig) validate() error {
	switch {
	case !(c.Rate > 0):
		return fmt.Errorf("gpt: rate is %g: it must be positive, such as 1e-3", c.Rate)
	case !(c.MinRate >= 0 && c.MinRate <= c.Rate):
		return fmt.Errorf("gpt: min_rate is %g: it must be 0 to rate, %g", c.MinRate, c.Rate)
	case c.WarmUp < 0 || c.WarmUp >= c.Total:
		return fmt.Errorf("gpt: warm_up is %d: it must be 0 or more, and less than all steps, %d", c.WarmUp, c.Total)
	case !(c.Beta2 > 0 && c.Beta2 < 1):
		return fmt.Errorf("gpt: beta2 is %g: it must be more than 0 and less than 1, such as 0.99", c.Beta2)
	case !(c.Eps >= 0):
		return fmt.Errorf("gpt: eps is %g: it must be positive, or 0 for 1e-8", c.Eps)
	case !(c.Decay >= 0):
		return fmt.Errorf("gpt: decay is %g: it must be at least 0", c.Decay)
	case !(c.Clip >= 0):
		return fmt.Errorf("gpt: clip is %g: it must be positive, or 0 for none", c.Clip)
	case c.Accumulate < 0:
		return fmt.Errorf("gpt: accumulate is %d: it must be at least 1, or 0 for 1", c.Accumulate)
	}
	return c.Model.Validate()
}
