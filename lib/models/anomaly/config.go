package anomaly

import (
	"cmp"
	"fmt"
	"slices"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// Config is the architecture.
type Config struct {
	Sensors int    `json:"sensors"`
	Window  int    `json:"window" help:"rows that the network sees at once, up to the one that is scored"`
	Net     string `json:"net" help:"what encodes and decodes a window: dense, conv or lstm"`
	Hidden  int    `json:"hidden" help:"width of the hidden layers"`
	Latent  int    `json:"latent" help:"dimensions of the latent space"`
}

// Default is a small network for a handful of sensors, of a few hundred normal rows, one a second.
func Default() Config { return Config{Sensors: 8, Window: 60, Net: "dense", Hidden: 32, Latent: 2} }

// Convolutional sees a minute of rows, one a second, by convolutions in time.
func Convolutional() Config {
	return Config{Sensors: 8, Window: 60, Net: "conv", Hidden: 16, Latent: 4}
}

// Recurrent reads and writes the window row by row.
func Recurrent() Config { return Config{Sensors: 8, Window: 20, Net: "lstm", Hidden: 32, Latent: 4} }

// Table sees one row at a time: for rows that are no series.
func Table() Config { return Config{Sensors: 8, Window: 1, Net: "dense", Hidden: 128, Latent: 16} }

// Tiny trains in seconds.
func Tiny() Config { return Config{Sensors: 3, Window: 4, Net: "dense", Hidden: 8, Latent: 2} }

// nets are what Net may be.
var nets = []string{"dense", "conv", "lstm"}

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if !slices.Contains(nets, c.Net) {
		return fmt.Errorf("anomaly: net is %q: it must be dense, conv or lstm", c.Net)
	}
	if c.Net == "conv" && c.Window%4 != 0 {
		return fmt.Errorf("anomaly: window is %d: with convolutions it must be a multiple of 4", c.Window)
	}
	return cmp.Or(
		nn.CheckSize("anomaly", "sensors", c.Sensors, 1, 1<<16),
		nn.CheckSize("anomaly", "window", c.Window, 1, 1<<16),
		nn.CheckSize("anomaly", "hidden", c.Hidden, 1, nn.MaxSize),
		nn.CheckSize("anomaly", "latent", c.Latent, 1, nn.MaxSize),
	)
}

// TrainConfig says how to train, and when to raise an alarm.
type TrainConfig struct {
	Model Config  `json:"model"`
	Rate  float64 `json:"rate" help:"Adam's learning rate"` // 0 is [Recipe]'s
	Batch int     `json:"batch" help:"windows a step"`      // 0 is [Recipe]'s
	Seed  uint64  `json:"seed" help:"seed of weights, order and noise"`
	// Eps is added to the root of the second moment; 0 is Adam's 1e-8.
	Eps float64 `json:"eps,omitempty"`
	// Scaling is robust, or standard, which suits rows that are no series and whose rare large values mean something; "" is robust.
	Scaling string `json:"scaling" help:"how sensors come to a common scale: robust (median and quartiles) or standard (mean and deviation)"`
	// Samples of the latent for a score; 0 is [Recipe]'s.
	Samples int `json:"samples" help:"draws of the latent for a score"`
	Alarm
	// Sensors of the rows that are learnt, with what brings each to a common scale; [Train] finds them.
	Sensors []Sensor `json:"sensors"`

	train.Options `json:"-"`
}

// Recipe is the setting for all of SKAB's experiments, which its test labels had no part in: the network is as small as 400 rows allow; window, quantile
// and margin are those of the benchmark's authors (60 rows and 0.999 of their convolutional autoencoder; of the margins 4/3 and 3/2 that they use,
// the one that flags less of their anomaly-free experiment).
func Recipe() TrainConfig {
	return TrainConfig{
		Model: Default(), Rate: 2e-3, Batch: 64, Seed: 1, Scaling: "robust", Samples: 8,
		Alarm:   Alarm{Rule: "quantile", Quantile: 0.999, Margin: 1.5},
		Options: train.Options{Run: "runs/anomaly", Epochs: 40},
	}
}

// filled has the defaults in place of zeros.
func (c TrainConfig) filled() TrainConfig {
	r := Recipe()
	c.Rate, c.Batch, c.Samples = cmp.Or(c.Rate, r.Rate), cmp.Or(c.Batch, r.Batch), cmp.Or(c.Samples, r.Samples)
	c.Scaling = cmp.Or(c.Scaling, r.Scaling)
	if c.Alarm == (Alarm{}) {
		c.Alarm = r.Alarm
	}
	return c
}

func (c TrainConfig) validate() error {
	if !(c.Rate >= 0) {
		return fmt.Errorf("anomaly: rate is %g: it must be positive", c.Rate)
	}
	return cmp.Or(
		nn.CheckSize("anomaly", "batch", c.Batch, 1, nn.MaxSize),
		nn.CheckSize("anomaly", "samples", c.Samples, 1, 1<<12),
		c.Alarm.Validate(), c.Model.Validate(),
	)
}
