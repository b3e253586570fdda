package dalle

import (
	"cmp"
	"context"
	"fmt"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// What turns vectors to codes.
const (
	Gumbel = "gumbel" // a dVAE's: codes are drawn smoothly by the Gumbel-softmax
	EMA    = "ema"    // a VQ-VAE's: the nearest of a codebook of running means
)

// unbounded is a [DVAEConfig].Sharpest that no scale comes near.
const unbounded = -1e9

// DVAEConfig is the architecture of what turns pictures to codes. openai/DALL-E's names are in JSON where it has the field.
type DVAEConfig struct {
	Size     int `json:"size" help:"height and width of a picture, a multiple of 2^(groups-1)"`
	Channels int `json:"channels"`
	Vocab    int `json:"vocab_size" flag:"vocab" help:"codes"`
	Hidden   int `json:"n_hid" flag:"hidden" help:"channels of the encoder's first group; each later one has twice as many"` // a multiple of 4
	First    int `json:"n_init" flag:"first" help:"channels that the decoder begins with"`
	Groups   int `json:"groups" help:"groups of blocks; a code is of a square of 2^(groups-1) pixels"` // 4 in the paper
	Blocks   int `json:"n_blk_per_group" flag:"blocks" help:"blocks of a group"`
	// Quantizer is Gumbel or EMA, CodeWidth the width of the latter's vectors.
	Quantizer string `json:"quantizer" help:"how codes are chosen: gumbel (a dVAE) or ema (a VQ-VAE)"`
	CodeWidth int    `json:"code_width" flag:"code-width" help:"width of a VQ-VAE's vectors"`
	// Sharpest is the least logarithm of a pixel's scale. Where much of all pictures is of one colour, a decoder without such a bound grows
	// so sure of that colour that nothing else counts. The paper has none.
	Sharpest float64 `json:"sharpest" help:"least logarithm of the scale of a pixel's distribution"`
}

// DefaultDVAE is for pictures of 32×32: a VQ-VAE, which learns in minutes what takes the paper's choice longer.
func DefaultDVAE() DVAEConfig {
	return DVAEConfig{Size: 32, Channels: 3, Vocab: 512, Hidden: 24, First: 64, Groups: 3, Blocks: 1, Quantizer: EMA, CodeWidth: 16, Sharpest: -1}
}

// GumbelDVAE is [DefaultDVAE] with the paper's way to choose codes.
func GumbelDVAE() DVAEConfig {
	c := DefaultDVAE()
	c.Quantizer = Gumbel
	return c
}

// TinyDVAE trains in seconds.
func TinyDVAE() DVAEConfig {
	c := DefaultDVAE()
	c.Size, c.Vocab, c.Hidden, c.First = 8, 12, 4, 8
	return c
}

// PublishedDVAE is that of openai/DALL-E.
func PublishedDVAE() DVAEConfig {
	return DVAEConfig{Size: 256, Channels: 3, Vocab: 8192, Hidden: 256, First: 128, Groups: 4, Blocks: 2, Quantizer: Gumbel, CodeWidth: 16, Sharpest: unbounded}
}

// Validate reports the first field that makes no model.
func (c DVAEConfig) Validate() error {
	if err := cmp.Or(
		nn.CheckSize("dalle", "size", c.Size, 1, nn.MaxSize),
		nn.CheckSize("dalle", "channels", c.Channels, 1, nn.MaxSize),
		nn.CheckSize("dalle", "vocab_size", c.Vocab, 2, nn.MaxSize),
		nn.CheckSize("dalle", "n_hid", c.Hidden, 4, nn.MaxSize),
		nn.CheckSize("dalle", "n_init", c.First, 1, nn.MaxSize),
		nn.CheckSize("dalle", "groups", c.Groups, 1, 8),
		nn.CheckSize("dalle", "n_blk_per_group", c.Blocks, 1, nn.MaxLayers),
		nn.CheckSize("dalle", "code_width", c.CodeWidth, 1, nn.MaxSize),
	); err != nil {
		return err
	}
	switch {
	case c.Hidden%4 != 0:
		return fmt.Errorf("dalle: n_hid is %d: it must be a multiple of 4", c.Hidden)
	case c.Size%(1<<(c.Groups-1)) != 0:
		return fmt.Errorf("dalle: size is %d: it must be a multiple of %d, 2^(groups-1)", c.Size, 1<<(c.Groups-1))
	case !(c.Sharpest <= 5):
		return fmt.Errorf("dalle: sharpest is %g: it must be at most 5", c.Sharpest)
	case c.Quantizer != Gumbel && c.Quantizer != EMA:
		return fmt.Errorf("dalle: quantizer is %q: it must be %q or %q", c.Quantizer, Gumbel, EMA)
	}
	return nil
}

// side is the number of codes along a side of a picture.
func (c DVAEConfig) side() int { return c.Size >> (c.Groups - 1) }

// codeWidth is the number of channels between encoder and decoder.
func (c DVAEConfig) codeWidth() int {
	if c.Quantizer == EMA {
		return c.CodeWidth
	}
	return c.Vocab
}

// Config is the architecture of both stages.
type Config struct {
	Pictures DVAEConfig `json:"pictures"`
	// Words are the vocabulary of captions: a word's token is its place and 1 more, 0 is where a text has ended.
	Words      []string `json:"words"`
	TextLength int      `json:"text_length" flag:"text-length" help:"words of the longest caption"`
	Embed      int      `json:"embed" help:"width of a token, a multiple of the heads"`
	Heads      int      `json:"heads" help:"attention heads of a layer"`
	Layers     int      `json:"layers" help:"layers of the transformer"`
	Attention  Kinds    `json:"attention" help:"what a layer sees of the picture: full, row, column or conv; one, or one a layer with commas between"`

	vocab int // of texts, where there are no words
}

// Default is for captions of made scenes.
func Default() Config {
	return Config{Pictures: DefaultDVAE(), TextLength: 12, Embed: 128, Heads: 4, Layers: 4, Attention: Full}
}

// Tiny trains in seconds.
func Tiny() Config {
	return Config{Pictures: TinyDVAE(), TextLength: 12, Embed: 16, Heads: 2, Layers: 2, Attention: "row,column"}
}

// Vocab is the number of text tokens but for the paddings: the words and the end of a text.
func (c Config) Vocab() int { return cmp.Or(c.vocab, len(c.Words)+1) }

// textTokens counts the paddings of each place, too.
func (c Config) textTokens() int { return c.Vocab() + c.TextLength }

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if err := c.Pictures.Validate(); err != nil {
		return err
	}
	return c.validateTransformer()
}

func (c Config) validateTransformer() error {
	if err := cmp.Or(
		nn.CheckSize("dalle", "text_length", c.TextLength, 1, nn.MaxSize),
		nn.CheckSize("dalle", "layers", c.Layers, 1, nn.MaxLayers),
		nn.CheckSize("dalle", "the number of words", c.Vocab(), 2, nn.MaxSize),
		nn.CheckHeads("dalle", "embed", c.Embed, "heads", c.Heads),
	); err != nil {
		return err
	}
	_, err := c.Attention.of(c.Layers)
	return err
}

// DVAETraining says how to train what turns pictures to codes.
type DVAETraining struct {
	Model DVAEConfig `json:"model"`
	Rate  float64    `json:"rate" help:"Adam's highest learning rate"` // 0 is [DVAERecipe]'s
	Eps   float64    `json:"eps,omitempty"`                            // Adam's; 0 is 1e-8
	// WarmUp is how many steps the rate rises for; then it falls along half a cosine to 0 at step Total, 0 for all that Epochs ask for.
	WarmUp int `json:"warm_up" help:"steps until the highest rate"`
	Total  int `json:"total" help:"steps until the rate is 0; 0 is all that --epochs asks for at first"`
	// Temperature of the smooth draw falls from 1 to Coldest over the first half of the steps (appendix A.2 of the paper, 1/16).
	Coldest float64 `json:"coldest" help:"last temperature of the Gumbel-softmax"`
	// KLWeight weighs the nats a place by which the codes' distribution differs from the uniform one; it rises from 0 over the same steps.
	KLWeight float64 `json:"kl_weight" flag:"kl-weight" help:"weight of the distance between the codes' distribution and the uniform one"`
	// Commitment weighs a VQ-VAE's distance between vectors and codes (van den Oord et al., 2017: 0.25).
	Commitment float64 `json:"commitment" help:"VQ-VAE: weight of the distance between vectors and their codes"`
	// Start is a run of the same sizes whose weights are the first ones.
	Start string `json:"start,omitempty" help:"run of the same sizes to begin from, such as one on other pictures"`
	// Seed is of the first weights and the draws; the data set's order has its own.
	Seed uint64 `json:"seed" help:"seed of weights, order and draws"`

	Validation train.Dataset                                                           `json:"-"`
	AfterEpoch func(ctx context.Context, m *Pictures, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// DVAERecipe trains the default VQ-VAE.
func DVAERecipe() DVAETraining {
	return DVAETraining{
		Model: DefaultDVAE(), Rate: 3e-3, WarmUp: 50, Coldest: 1.0 / 16, KLWeight: 1e-3, Commitment: 0.25, Seed: 1,
		Options: train.Options{Run: "runs/dvae", Epochs: 5},
	}
}

func (c DVAETraining) filled() DVAETraining {
	d := DVAERecipe()
	c.Rate, c.Coldest = cmp.Or(c.Rate, d.Rate), cmp.Or(c.Coldest, d.Coldest)
	return c
}

func (c DVAETraining) validate() error {
	switch {
	case !(c.Coldest > 0):
		return fmt.Errorf("dalle: coldest is %g: it must be positive", c.Coldest)
	case !(c.KLWeight >= 0):
		return fmt.Errorf("dalle: kl_weight is %g: it must be at least 0", c.KLWeight)
	case !(c.Commitment >= 0):
		return fmt.Errorf("dalle: commitment is %g: it must be at least 0", c.Commitment)
	}
	if err := validateRate(c.Rate, c.WarmUp, c.Total); err != nil {
		return err
	}
	return c.Model.Validate()
}

func validateRate(rate float64, warmUp, total int) error {
	switch {
	case !(rate >= 0):
		return fmt.Errorf("dalle: rate is %g: it must be positive", rate)
	case warmUp < 0:
		return fmt.Errorf("dalle: warm_up is %d: it must be at least 0", warmUp)
	case total < 0:
		return fmt.Errorf("dalle: total is %d: it must be at least 1, or 0 for all steps", total)
	case total > 0 && warmUp >= total:
		return fmt.Errorf("dalle: warm_up is %d: it must be less than all steps, %d", warmUp, total)
	}
	return nil
}

// TrainConfig says how to train the transformer.
type TrainConfig struct {
	Model  Config  `json:"model"`
	DVAE   string  `json:"dvae" help:"run of the dVAE that turns pictures to codes"`
	Rate   float64 `json:"rate" help:"Adam's highest learning rate"` // 0 is [Recipe]'s
	Eps    float64 `json:"eps,omitempty"`                            // Adam's; 0 is 1e-8
	WarmUp int     `json:"warm_up" help:"steps until the highest rate"`
	// Total is the step at which the rate is 0; 0 is all that Epochs ask for at first. A [Step] without it keeps its rate.
	Total int `json:"total" help:"steps until the rate is 0; 0 is all that --epochs asks for at first"`
	// ImageWeight is how much more a code counts than a word: the loss is (text + weight·codes)/(1 + weight).
	ImageWeight float64 `json:"image_weight" flag:"image-weight" help:"how much more the picture counts than the text"`
	// Drop is the share of captions that are left out, for guidance.
	Drop float64 `json:"drop" help:"share of captions left out, so that pictures can be guided by them"`
	Seed uint64  `json:"seed" help:"seed of weights, order and draws"`

	Validation train.Dataset                                                        `json:"-"`
	AfterEpoch func(ctx context.Context, m *Model, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// Recipe trains the default model.
func Recipe() TrainConfig {
	return TrainConfig{
		Model: Default(), DVAE: DVAERecipe().Run, Rate: 1e-3, WarmUp: 100, ImageWeight: 7, Drop: 0.1, Seed: 1,
		Options: train.Options{Run: "runs/dalle", Epochs: 6},
	}
}

func (c TrainConfig) filled() TrainConfig {
	c.Rate = cmp.Or(c.Rate, Recipe().Rate)
	return c
}

func (c TrainConfig) validate() error {
	switch {
	case !(c.ImageWeight > 0):
		return fmt.Errorf("dalle: image_weight is %g: it must be positive", c.ImageWeight)
	case !(c.Drop >= 0 && c.Drop < 1):
		return fmt.Errorf("dalle: drop is %g: it must be at least 0 and less than 1", c.Drop)
	}
	if err := validateRate(c.Rate, c.WarmUp, c.Total); err != nil {
		return err
	}
	return c.Model.validateTransformer()
}
