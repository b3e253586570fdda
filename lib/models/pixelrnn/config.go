package pixelrnn

import (
	"cmp"
	"fmt"

	"genlab/lib/nn"
	"genlab/lib/nn/pixels"
	"genlab/lib/train/pixelwise"
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
	if err := c.Likelihood().Validate(id); err != nil {
		return err
	}
	if err := cmp.Or(
		nn.CheckSize(id, "hidden", c.Hidden, 1, nn.MaxSize),
		nn.CheckSize(id, "layers", c.Layers, 1, nn.MaxLayers),
		nn.CheckSize(id, "out_hidden", c.OutHidden, 1, nn.MaxSize),
		nn.CheckSize(id, "kernel", c.Kernel, 3, nn.MaxKernel),
		nn.CheckSize(id, "height", c.Height, 1, nn.MaxSize),
		nn.CheckSize(id, "width", c.Width, 1, nn.MaxSize),
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

// Painter declares the network, and says what it paints.
func (c Config) Painter() (*pixels.Painter, error) {
	net, err := NewNet(c)
	return &pixels.Painter{Likelihood: c.Likelihood(), Height: c.Height, Width: c.Width, Net: net}, err
}

// TrainConfig says how to train.
type TrainConfig = pixelwise.TrainConfig[Config]

// Recipe trains the default model to its figure.
func Recipe() TrainConfig { return pixelwise.Recipe(id, Default()) }
