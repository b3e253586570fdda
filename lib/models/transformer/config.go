package transformer

import (
	"cmp"
	"context"
	"fmt"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// CoreConfig is the encoder and decoder between the embeddings. The names in JSON are those of nn.Transformer's constructor.
type CoreConfig struct {
	DModel         int        `json:"d_model"` // width, a multiple of nhead
	Heads          int        `json:"nhead" flag:"heads" help:"heads of each attention; they divide the width"`
	EncoderLayers  int        `json:"num_encoder_layers"`
	DecoderLayers  int        `json:"num_decoder_layers"`
	DimFeedforward int        `json:"dim_feedforward"` // width between the two layers of a feed-forward part
	Dropout        float64    `json:"dropout" help:"share of values dropped; made pairs need none, small corpora 0.1 to 0.3"`
	Activation     Activation `json:"activation"` // relu, the paper's, or gelu
	NormFirst      bool       `json:"norm_first"` // normalise before each part (pre-norm) rather than after its sum, as the paper does
	// AttentionBlock is [nn.MultiheadAttention].Block: 0 computes all scores at once.
	AttentionBlock int `json:"attention_block,omitempty"`
}

// Base is the paper's base model (table 3).
func Base() CoreConfig {
	return CoreConfig{DModel: 512, Heads: 8, EncoderLayers: 6, DecoderLayers: 6, DimFeedforward: 2048, Dropout: 0.1, Activation: ReLU}
}

// Validate reports the first field that makes no model.
func (c CoreConfig) Validate() error {
	if err := nn.CheckHeads("transformer", "d_model", c.DModel, "nhead", c.Heads); err != nil {
		return err
	}
	if err := cmp.Or(
		nn.CheckSize("transformer", "num_encoder_layers", c.EncoderLayers, 1, nn.MaxLayers),
		nn.CheckSize("transformer", "num_decoder_layers", c.DecoderLayers, 1, nn.MaxLayers),
		nn.CheckSize("transformer", "dim_feedforward", c.DimFeedforward, 1, nn.MaxSize),
		nn.CheckSize("transformer", "attention_block", c.AttentionBlock, 0, nn.MaxSize),
	); err != nil {
		return err
	}
	if err := validateDropout(c.Dropout); err != nil {
		return err
	}
	return c.Activation.validate()
}

// Positions says where a model has its positions from.
type Positions string

// The two ways to have positions.
const (
	Sinusoidal Positions = "sinusoidal" // the paper's formula, section 3.5
	Learned    Positions = "learned"    // a table of parameters, as in the article
)

// Config is a translator: embeddings of tokens and positions, the core, and the projection to the target's tokens.
type Config struct {
	CoreConfig
	SourceVocab int       `json:"src_vocab_size"` // tokens of the source language
	TargetVocab int       `json:"tgt_vocab_size"` // tokens of the target language
	MaxLength   int       `json:"max_length"`     // longest text on either side, in tokens
	Positions   Positions `json:"positions"`
	// TieOutput makes the target's embedding the output projection too; TieSource makes it the source's embedding as well, for a
	// vocabulary of both languages (section 3.4: the paper does both).
	TieOutput bool `json:"tie_output"`
	TieSource bool `json:"tie_source"`
}

// Default is the paper's base model for a vocabulary of n tokens of both languages.
func Default(n int) Config {
	return Config{CoreConfig: Base(), SourceVocab: n, TargetVocab: n, MaxLength: 256, Positions: Sinusoidal, TieOutput: true, TieSource: true}
}

// Small learns made phrases, such as numbers in words, in minutes on two cores.
func Small(n int) Config {
	c := Default(n)
	c.DModel, c.Heads, c.EncoderLayers, c.DecoderLayers, c.DimFeedforward = 128, 4, 2, 2, 512
	c.Dropout = 0      // made phrases never end: there is nothing to overfit
	c.NormFirst = true // trains without a long warm-up
	return c
}

// Pages is [Small] for sentences that people wrote, of which there are few: it takes longer ones and drops some values.
func Pages(n int) Config {
	c := Small(n)
	c.MaxLength, c.Dropout = 128, 0.1
	return c
}

// Tiny trains in seconds.
func Tiny(n int) Config {
	c := Small(n)
	c.DModel, c.Heads, c.EncoderLayers, c.DecoderLayers, c.DimFeedforward = 32, 2, 1, 1, 64
	return c
}

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if err := c.CoreConfig.Validate(); err != nil {
		return err
	}
	if err := cmp.Or(
		nn.CheckSize("transformer", "src_vocab_size", c.SourceVocab, 4, nn.MaxSize),
		nn.CheckSize("transformer", "tgt_vocab_size", c.TargetVocab, 4, nn.MaxSize),
		nn.CheckSize("transformer", "max_length", c.MaxLength, 2, nn.MaxSize),
	); err != nil {
		return err
	}
	if c.Positions != Sinusoidal && c.Positions != Learned {
		return fmt.Errorf("transformer: positions is %q: it must be %q or %q", c.Positions, Sinusoidal, Learned)
	}
	if c.TieSource && c.SourceVocab != c.TargetVocab {
		return fmt.Errorf("transformer: tie_source is set with src_vocab_size %d and tgt_vocab_size %d: they must be equal", c.SourceVocab, c.TargetVocab)
	}
	return nil
}

// TrainConfig says how to train.
type TrainConfig struct {
	Model Config `json:"model"`
	// Rate is the factor of the learning rate, which rises for WarmUp steps, see [WarmUp]; 0 is [Recipe]'s, for both.
	Rate   float64 `json:"rate" help:"factor of the paper's learning rate"`
	WarmUp int     `json:"warm_up" help:"steps in which the learning rate rises"`
	// LabelSmoothing is the share of the loss that goes to all tokens alike, 0 to less than 1; the paper's is 0.1.
	LabelSmoothing float64 `json:"label_smoothing" help:"share of the loss for all tokens alike"`
	Eps            float64 `json:"eps,omitempty"` // Adam's; 0 is the paper's, 1e-9
	// Seed is of the first weights and dropout; the data set's order has its own.
	Seed uint64 `json:"seed" help:"seed of pairs, weights, order and dropout"`
	// Data describes the data set, so that a run is resumed with the same one.
	Data any `json:"data,omitempty"`

	// Evaluate, when given, measures the model after each epoch.
	Evaluate func(ctx context.Context, m *Model) ([]train.Metric, error) `json:"-"`

	train.Options `json:"-"`
}

// Recipe trains the small model to its figure; it wants the vocabulary's size.
func Recipe() TrainConfig {
	return TrainConfig{Model: Small(0), Rate: 1, WarmUp: 400, Seed: 1, Options: train.Options{Run: "runs/translator", Epochs: 5}}
}

// filled has the defaults in place of zeros.
func (c TrainConfig) filled() TrainConfig {
	recipe := Recipe()
	c.Rate, c.WarmUp = cmp.Or(c.Rate, recipe.Rate), cmp.Or(c.WarmUp, recipe.WarmUp)
	return c
}

func (c TrainConfig) validate() error {
	switch {
	case !(c.Rate >= 0):
		return fmt.Errorf("transformer: rate is %g: it must be positive", c.Rate)
	case c.WarmUp < 0:
		return fmt.Errorf("transformer: warm_up is %d: it must be at least 1", c.WarmUp)
	case !(c.LabelSmoothing >= 0 && c.LabelSmoothing < 1):
		return fmt.Errorf("transformer: label_smoothing is %g: it must be at least 0 and less than 1", c.LabelSmoothing)
	case !(c.Eps >= 0):
		return fmt.Errorf("transformer: eps is %g: it must be at least 0", c.Eps)
	}
	return c.Model.Validate()
}
