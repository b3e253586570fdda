package clip

import (
	"cmp"
	"fmt"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// Config is the architecture. The names in JSON are openai/CLIP's, where it has the field.
type Config struct {
	Joint         int      `json:"embed_dim" flag:"joint" help:"width of what pictures and texts are compared by"`
	ImageSize     int      `json:"image_resolution" flag:"size" help:"height and width of a picture, a multiple of the patch"`
	Channels      int      `json:"channels"`
	PatchSize     int      `json:"vision_patch_size" flag:"patch" help:"height and width of a patch"`
	PictureEmbed  int      `json:"vision_width" flag:"picture-embed" help:"pictures: width of a token, a multiple of the heads"`
	PictureHeads  int      `json:"vision_heads" flag:"picture-heads" help:"pictures: attention heads of a layer"`
	PictureLayers int      `json:"vision_layers" flag:"picture-layers" help:"pictures: layers"`
	Words         []string `json:"words"`          // vocabulary of texts: a word's token is its place and 1 more
	TextLength    int      `json:"context_length"` // tokens of a text, its end among them
	Embed         int      `json:"transformer_width" flag:"embed" help:"texts: width of a token, a multiple of the heads"`
	Heads         int      `json:"transformer_heads" flag:"heads" help:"texts: attention heads of a layer"`
	Layers        int      `json:"transformer_layers" flag:"layers" help:"texts: layers"`

	vocab int // of texts, where there are no words
}

// Default is for made scenes of 32×32.
func Default() Config {
	return Config{
		Joint: 64, ImageSize: 32, Channels: 3, PatchSize: 4, PictureEmbed: 96, PictureHeads: 4, PictureLayers: 3,
		TextLength: 13, Embed: 64, Heads: 4, Layers: 2,
	}
}

// Tiny trains in seconds.
func Tiny() Config {
	c := Default()
	c.Joint, c.PictureEmbed, c.PictureLayers, c.Embed, c.Layers, c.PatchSize = 16, 16, 1, 16, 1, 8
	return c
}

// Vocab is the number of tokens: where a text has ended, the words, and the end, which is the last.
func (c Config) Vocab() int { return cmp.Or(c.vocab, len(c.Words)+2) }

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if err := cmp.Or(
		nn.CheckSize("clip", "embed_dim", c.Joint, 1, nn.MaxSize),
		nn.CheckSize("clip", "image_resolution", c.ImageSize, 1, nn.MaxSize),
		nn.CheckSize("clip", "channels", c.Channels, 1, nn.MaxSize),
		nn.CheckSize("clip", "vision_patch_size", c.PatchSize, 1, nn.MaxSize),
		nn.CheckSize("clip", "vision_layers", c.PictureLayers, 1, nn.MaxLayers),
		nn.CheckSize("clip", "context_length", c.TextLength, 1, nn.MaxSize),
		nn.CheckSize("clip", "transformer_layers", c.Layers, 1, nn.MaxLayers),
		nn.CheckSize("clip", "the number of tokens", c.Vocab(), 2, nn.MaxSize),
	); err != nil {
		return err
	}
	if c.ImageSize%c.PatchSize != 0 {
		return fmt.Errorf("clip: image_resolution is %d: it must be a multiple of vision_patch_size, %d", c.ImageSize, c.PatchSize)
	}
	if err := nn.CheckHeads("clip", "vision_width", c.PictureEmbed, "vision_heads", c.PictureHeads); err != nil {
		return err
	}
	return nn.CheckHeads("clip", "transformer_width", c.Embed, "transformer_heads", c.Heads)
}

// TrainConfig says how to train.
type TrainConfig struct {
	Model  Config  `json:"model"`
	Rate   float64 `json:"rate" help:"highest learning rate of AdamW"` // 0 is [Recipe]'s
	Eps    float64 `json:"eps,omitempty"`                              // AdamW's; 0 is 1e-6, the paper's
	Decay  float64 `json:"decay" help:"weight decay of matrices"`
	WarmUp int     `json:"warm_up" help:"steps until the highest rate"`
	// Total is the step at which the rate is 0; 0 is all that Epochs ask for at first. A [Step] without it keeps its rate.
	Total int    `json:"total" help:"steps until the rate is 0; 0 is all that --epochs asks for at first"`
	Seed  uint64 `json:"seed" help:"seed of weights and order"`

	Validation train.Dataset `json:"-"`

	train.Options `json:"-"`
}

// Recipe trains the default model.
func Recipe() TrainConfig {
	return TrainConfig{Model: Default(), Rate: 1e-3, Decay: 0.1, WarmUp: 50, Seed: 1, Options: train.Options{Run: "runs/clip", Epochs: 4}}
}

func (c TrainConfig) filled() TrainConfig {
	c.Rate = cmp.Or(c.Rate, Recipe().Rate)
	return c
}

func (c TrainConfig) validate() error {
	switch {
	case !(c.Rate >= 0):
		return fmt.Errorf("clip: rate is %g: it must be positive", c.Rate)
	case !(c.Decay >= 0):
		return fmt.Errorf("clip: decay is %g: it must be at least 0", c.Decay)
	case c.WarmUp < 0 || c.Total > 0 && c.WarmUp >= c.Total:
		return fmt.Errorf("clip: warm_up is %d: it must be at least 0, and less than all steps, %d", c.WarmUp, c.Total)
	}
	return c.Model.Validate()
}
