package pixelcnn

import (
	"cmp"
	"fmt"

	"genlab/lib/nn"
	"genlab/lib/nn/pixels"
	"genlab/lib/train/pixelwise"
)

// Config is the architecture.
type Config struct {
	// Gated is the network of 2016b; without, that of 2016a.
	Gated    bool `json:"gated" help:"two stacks of gated layers; false: the first paper's residual blocks"`
	Channels int  `json:"channels"` // colours of a pixel
	Levels   int  `json:"levels" help:"values that a colour takes: 2 is black and white, 256 all"`
	// Mixtures is the number of logistic distributions of a mixture; 0 is a softmax, or a coin for two levels.
	Mixtures    int `json:"mixtures,omitempty" help:"logistic distributions in the mixture of a pixel; 0 is a softmax"`
	Hidden      int `json:"hidden" help:"channels of a layer; the first paper's has twice as many between its blocks"`
	Layers      int `json:"layers" help:"how many layers or blocks"`
	OutHidden   int `json:"out_hidden" help:"channels of the last layer but one"`
	Kernel      int `json:"kernel" help:"side of the first layer's kernel, odd"`
	InnerKernel int `json:"inner_kernel" help:"side of the later layers' kernels, odd; the first paper's have 3"`
	Classes     int `json:"classes" flag:"classes" help:"classes of pictures; 0 learns without"`
	// Height and Width are of the pictures that are drawn; the network takes any.
	Height int `json:"height,omitempty"`
	Width  int `json:"width,omitempty"`
}

// Default learns black and white digits in half an hour and more on two cores.
func Default() Config {
	return Config{
		Gated: true, Channels: 1, Levels: 2, Hidden: 32, Layers: 6, OutHidden: 64, Kernel: 7, InnerKernel: 3, Height: 28, Width: 28,
	}
}

// First is the network of 2016a, with as many parameters.
func First() Config {
	c := Default()
	c.Gated, c.Hidden = false, 44
	return c
}

// Large has a million parameters, for a long training.
func Large() Config {
	c := Default()
	c.Hidden, c.Layers, c.OutHidden = 64, 12, 128
	return c
}

// Digits draws digits by class.
func Digits() Config {
	c := Default()
	c.Classes = 10
	return c
}

// Colour is for pictures of 32×32 in RGB, each colour of 256 values by a mixture.
func Colour() Config {
	c := Default()
	c.Channels, c.Levels, c.Mixtures, c.Hidden, c.Height, c.Width = 3, 256, 5, 48, 32, 32
	return c
}

// Tiny trains in seconds.
func Tiny() Config {
	c := Default()
	c.Hidden, c.Layers, c.OutHidden = 8, 2, 8
	return c
}

// Likelihood is the distribution of a pixel that the network gives.
func (c Config) Likelihood() pixels.Likelihood {
	return pixels.Likelihood{Channels: c.Channels, Levels: c.Levels, Mixtures: c.Mixtures}
}

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if err := c.Likelihood().Validate(id); err != nil {
		return err
	}
	if err := cmp.Or(
		nn.CheckSize(id, "hidden", c.Hidden, 1, nn.MaxSize),
		nn.CheckSize(id, "layers", c.Layers, 1, nn.MaxLayers),
		nn.CheckSize(id, "out_hidden", c.OutHidden, 1, nn.MaxSize),
		nn.CheckSize(id, "kernel", c.Kernel, 3, nn.MaxKernel),
		nn.CheckSize(id, "inner_kernel", c.InnerKernel, 3, nn.MaxKernel),
		nn.CheckSize(id, "classes", c.Classes, 0, nn.MaxSize),
		nn.CheckSize(id, "height", c.Height, 1, nn.MaxSize),
		nn.CheckSize(id, "width", c.Width, 1, nn.MaxSize),
	); err != nil {
		return err
	}
	switch {
	case c.Kernel%2 == 0:
		return fmt.Errorf("pixelcnn: kernel is %d: it must be odd, so that it has a middle that it can't see", c.Kernel)
	case c.InnerKernel%2 == 0:
		return fmt.Errorf("pixelcnn: inner_kernel is %d: it must be odd", c.InnerKernel)
	case !c.Gated && c.InnerKernel != 3:
		return fmt.Errorf("pixelcnn: inner_kernel is %d: it must be 3 without gates", c.InnerKernel)
	case !c.Gated && c.Classes > 0:
		return fmt.Errorf("pixelcnn: classes is %d: it must be 0 without gates", c.Classes)
	}
	return nil
}

// Painter declares the network, and says what it paints.
func (c Config) Painter() (*pixels.Painter, error) {
	net, err := NewNet(c)
	return &pixels.Painter{Likelihood: c.Likelihood(), Height: c.Height, Width: c.Width, Classes: c.Classes, Net: net}, err
}

// TrainConfig says how to train.
type TrainConfig = pixelwise.TrainConfig[Config]

// Recipe trains the default model to its figure.
func Recipe() TrainConfig { return pixelwise.Recipe(id, Default()) }
