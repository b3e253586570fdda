package wavenet

import (
	"cmp"
	"context"
	"fmt"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// Config is the architecture. The names in JSON are those of the PyTorch program that it is held against.
type Config struct {
	Layers   int `json:"layers" help:"dilated layers of a stack: dilations 1, 2, 4 and so on"`
	Blocks   int `json:"blocks" flag:"stacks" help:"stacks of such layers"`
	Dilation int `json:"dilation_channels" help:"channels of a gate"`
	Residual int `json:"residual_channels" help:"channels from layer to layer"`
	Skip     int `json:"skip_channels" help:"channels that all layers add to"`
	End      int `json:"end_channels" help:"channels before the last convolution"`
	Classes  int `json:"classes"` // of µ-law codes
	// Kernel is how many samples a dilated convolution sees.
	Kernel int  `json:"kernel_size" flag:"kernel" help:"samples that a dilated convolution sees"`
	Bias   bool `json:"bias" help:"biases in all convolutions; the last two have some always"`
	// Global and Local are the widths of the two conditions, 0 without: one for a whole recording, such as who speaks, and one that
	// goes with the samples.
	Global int `json:"global_channels"`
	Local  int `json:"local_channels"`

	// SampleRate, Speakers and Digits say what a trained model's samples and global condition mean: the condition is one of the
	// speakers, then one of the digits, each as a one among zeros.
	SampleRate int      `json:"sample_rate,omitempty"`
	Speakers   []string `json:"speakers,omitempty"`
	Digits     []string `json:"digits,omitempty"`
}

// Default hears the last 256 samples, 32 ms at 8 kHz; it is as large as two processor cores train in a quarter of an hour.
func Default() Config {
	return Config{Layers: 8, Blocks: 1, Dilation: 32, Residual: 32, Skip: 64, End: 64, Classes: 256, Kernel: 2, Bias: true, SampleRate: 8000}
}

// Tiny trains in seconds.
func Tiny() Config {
	return Config{Layers: 4, Blocks: 1, Dilation: 12, Residual: 12, Skip: 16, End: 16, Classes: 256, Kernel: 2, Bias: true, SampleRate: 8000}
}

// maxLayers is as many as have a dilation that an audio file may be long.
const maxLayers = 20

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if err := cmp.Or(
		nn.CheckSize("wavenet", "layers", c.Layers, 1, maxLayers),
		nn.CheckSize("wavenet", "blocks", c.Blocks, 1, nn.MaxLayers),
		nn.CheckSize("wavenet", "dilation_channels", c.Dilation, 1, nn.MaxSize),
		nn.CheckSize("wavenet", "residual_channels", c.Residual, 1, nn.MaxSize),
		nn.CheckSize("wavenet", "skip_channels", c.Skip, 1, nn.MaxSize),
		nn.CheckSize("wavenet", "end_channels", c.End, 1, nn.MaxSize),
		nn.CheckSize("wavenet", "classes", c.Classes, 2, nn.MaxSize),
		nn.CheckSize("wavenet", "kernel_size", c.Kernel, 2, nn.MaxKernel),
		nn.CheckSize("wavenet", "global_channels", c.Global, 0, nn.MaxSize),
		nn.CheckSize("wavenet", "local_channels", c.Local, 0, nn.MaxSize),
		nn.CheckSize("wavenet", "sample_rate", c.SampleRate, 0, nn.MaxSize),
	); err != nil {
		return err
	}
	if n := len(c.Speakers) + len(c.Digits); n > 0 && n != c.Global {
		return fmt.Errorf("wavenet: global_channels is %d: it must be %d, one for each of the speakers and digits", c.Global, n)
	}
	return nil
}

// ReceptiveField is how many samples a prediction hears.
func (c Config) ReceptiveField() int {
	return c.Blocks*(c.Kernel-1)*(1<<c.Layers-1) + 1
}

// dilations are those of the layers, from the first: 1, 2, 4 and so on, begun anew in each block (section 2.1).
func (c Config) dilations() []int {
	var list []int
	for range c.Blocks {
		for i := range c.Layers {
			list = append(list, 1<<i)
		}
	}
	return list
}

// TrainConfig says how to train.
type TrainConfig struct {
	Model Config  `json:"model"`
	Rate  float64 `json:"rate" help:"Adam's learning rate"` // 0 is [Recipe]'s
	Eps   float64 `json:"eps,omitempty"`                    // Adam's; 0 is PyTorch's
	Seed  uint64  `json:"seed" help:"seed of weights and order"`
	// Start, when given, is a file with the first weights, as [Model.Load] reads it, instead of fresh ones.
	Start string `json:"start,omitempty" help:"the first weights: a PyTorch state_dict, .safetensors or .pt (default fresh ones)"`

	// Validation, when given, is measured after each epoch: its loss in bits a sample stands in the metrics as validation_loss.
	Validation train.Dataset `json:"-"`
	// AfterEpoch, when given, is called after each epoch with the model as it stands and the run's folder for samples.
	AfterEpoch func(ctx context.Context, m *Model, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// Recipe trains the default model to its figure.
func Recipe() TrainConfig {
	return TrainConfig{Model: Default(), Rate: 2e-3, Seed: 1, Options: train.Options{Run: "runs/wavenet", Epochs: 3}}
}

// filled has the defaults in place of zeros.
func (c TrainConfig) filled() TrainConfig {
	c.Rate = cmp.Or(c.Rate, Recipe().Rate)
	return c
}

func (c TrainConfig) validate() error {
	if !(c.Rate >= 0) {
		return fmt.Errorf("wavenet: rate is %g: it must be positive", c.Rate)
	}
	return c.Model.Validate()
}
