package dcgan

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// Config is the architecture. The names in JSON are those of the article's constructors.
type Config struct {
	NZ int `json:"nz" help:"size of the noise"` // z
	// NGF is the channels of the generator's last hidden layer; each layer before has twice as many.
	NGF int `json:"ngf" help:"width of the generator; the article has 64"`
	// NDF is the channels of the discriminator's first layer; each layer after has twice as many.
	NDF       int `json:"ndf" help:"width of the discriminator; the article has 64"`
	NC        int `json:"nc"`                                                            // channels of a picture
	ImageSize int `json:"image_size" flag:"size" help:"height and width: 32, 64 or 128"` // the article has 64

	// Classes, when not 0, makes both models conditional on a class: the generator is given it beside the noise, the discriminator
	// judges a picture for its class by a projection (Miyato & Koyama, "cGANs with projection discriminator", 2018).
	Classes int `json:"classes,omitempty"`
	// Init is where training begins.
	Init Init `json:"init,omitempty" help:"first weights: dcgan for the paper's N(0, 0.02), pytorch for its own"`
	// Norm is the discriminator's normalisation.
	Norm Norm `json:"norm,omitempty" help:"the discriminator's normalisation: batch norm, layer or none (default batch norm)"`
	// SpectralNorm divides each of the discriminator's kernels by its largest singular value (Miyato et al., "Spectral normalization
	// for generative adversarial networks", 2018).
	SpectralNorm bool `json:"spectral_norm,omitempty" help:"divide the discriminator's kernels by their largest singular values"`
}

// Init names a rule for the first weights.
type Init string

const (
	// PyTorchInit is PyTorch's default, the article's.
	PyTorchInit Init = ""
	// PaperInit draws kernels from N(0, 0.02²) and scales from N(1, 0.02²) (Radford et al., section 3).
	PaperInit Init = "dcgan"
)

// Norm names a normalisation between the discriminator's layers.
type Norm string

const (
	// BatchNorm is the article's.
	BatchNorm Norm = ""
	// LayerNorm normalises each picture by itself, as a gradient penalty needs (Gulrajani et al., section 4): a group norm with one
	// group.
	LayerNorm Norm = "layer"
	// NoNorm has none: enough beside spectral norm.
	NoNorm Norm = "none"
)

// Default is the article's: 64×64 pictures in colour.
func Default() Config { return Config{NZ: 100, NGF: 64, NDF: 64, NC: 3, ImageSize: 64} }

// Digits is narrow, small and grey, for MNIST. So narrow, the two keep their balance with the paper's first weights and a discriminator
// of half the generator's width; with PyTorch's own the discriminator wins within a hundred steps, and the generator learns nothing.
func Digits() Config { return Config{NZ: 100, NGF: 32, NDF: 16, NC: 1, ImageSize: 32, Init: PaperInit} }

// Tiny trains in seconds.
func Tiny() Config { return Config{NZ: 16, NGF: 4, NDF: 4, NC: 1, ImageSize: 32} }

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	if err := cmp.Or(
		nn.CheckSize("dcgan", "nz", c.NZ, 1, nn.MaxSize),
		nn.CheckSize("dcgan", "ngf", c.NGF, 1, nn.MaxSize),
		nn.CheckSize("dcgan", "ndf", c.NDF, 1, nn.MaxSize),
		nn.CheckSize("dcgan", "nc", c.NC, 1, nn.MaxSize),
		nn.CheckSize("dcgan", "classes", c.Classes, 0, nn.MaxSize),
	); err != nil {
		return err
	}
	if !slices.Contains([]int{32, 64, 128}, c.ImageSize) {
		return fmt.Errorf("dcgan: image_size is %d: it must be 32, 64 or 128", c.ImageSize)
	}
	if c.Classes == 1 {
		return fmt.Errorf("dcgan: classes is %d: it must be 0, for none, or at least 2", c.Classes)
	}
	if err := oneOf("init", c.Init, PyTorchInit, PaperInit); err != nil {
		return err
	}
	return oneOf("norm", c.Norm, BatchNorm, LayerNorm, NoNorm)
}

// TrainConfig says how to train.
type TrainConfig struct {
	Model Config     `json:"model"`
	Rate  float64    `json:"rate" help:"both Adams' learning rate"` // 0 is [Recipe]'s
	Betas [2]float64 `json:"betas"`                                 // both Adams' betas; 0, 0 is [Recipe]'s
	// Seed is of the first weights and the noise; the data set's order has its own.
	Seed uint64 `json:"seed" help:"seed of weights, order and noise"`

	// Loss is nn.GANBCE in the article.
	Loss nn.GANLoss `json:"loss,omitempty" help:"the article's, hinge or wgan-gp (default the article's)"`
	// Smooth takes so much off the label of real pictures, 0.1 being usual; that of made ones stays 0. For nn.GANBCE alone.
	Smooth float64 `json:"smooth,omitempty" help:"taken off the label of real pictures, such as 0.1"`
	// Penalty is the weight of nn.WGANGP's gradient penalty; 0 is 10, Gulrajani et al.'s.
	Penalty float64 `json:"penalty,omitempty"`
	// DSteps is how many steps the discriminator makes for one of the generator; 0 is [Recipe]'s. A batch is cut into so many.
	DSteps int `json:"d_steps,omitempty" help:"steps of the discriminator for one of the generator"`
	// EMA, when not 0, is how much a running mean of the generator's weights keeps at each step, 0.999 being usual. [Model.Sample]
	// draws from the mean.
	EMA float64 `json:"ema,omitempty" help:"sample from a running mean of the weights that keeps this much a step, such as 0.999"`

	// AfterLine, when given, is called every 50 batches with the article's line, and the model as it stands after n steps of all.
	AfterLine func(ctx context.Context, m *Model, step int, line string) error `json:"-"`
	// Evaluate, when given, measures the model after each epoch.
	Evaluate func(ctx context.Context, m *Model) ([]train.Metric, error) `json:"-"`
	// AfterEpoch, when given, is called after each epoch with the model as it stands and the run's folder for samples.
	AfterEpoch func(ctx context.Context, m *Model, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// Recipe trains on digits for a few minutes, with the article's optimisers and loss.
func Recipe() TrainConfig {
	return TrainConfig{
		Model: Digits(), Rate: 2e-4, Betas: [2]float64{0.5, 0.999}, DSteps: 1, Seed: 1,
		Options: train.Options{Run: "runs/dcgan", Epochs: 5},
	}
}

// filled has the defaults in place of zeros.
func (c TrainConfig) filled() TrainConfig {
	recipe := Recipe()
	c.Rate, c.Betas, c.DSteps = cmp.Or(c.Rate, recipe.Rate), cmp.Or(c.Betas, recipe.Betas), cmp.Or(c.DSteps, recipe.DSteps)
	if c.Loss == nn.WGANGP {
		c.Penalty = cmp.Or(c.Penalty, 10)
	}
	return c
}

func (c TrainConfig) validate() error {
	if err := c.Loss.Validate(); err != nil {
		return fmt.Errorf("dcgan: %w", err)
	}
	if !(c.Rate >= 0) {
		return fmt.Errorf("dcgan: rate is %g: it must be positive", c.Rate)
	}
	for _, beta := range c.Betas {
		if beta < 0 || beta >= 1 {
			return fmt.Errorf("dcgan: betas is %v: both must be at least 0 and less than 1", c.Betas)
		}
	}
	if c.Smooth < 0 || c.Smooth >= 0.5 || c.Smooth > 0 && c.Loss != nn.GANBCE {
		return fmt.Errorf("dcgan: smooth is %g with loss %q: it must be at least 0 and less than 0.5, and 0 with a loss that has no labels", c.Smooth, c.Loss)
	}
	if c.Penalty < 0 || c.Penalty > 0 && c.Loss != nn.WGANGP {
		return fmt.Errorf("dcgan: penalty is %g with loss %q: it must be positive, and 0 with a loss that has none", c.Penalty, c.Loss)
	}
	if c.Loss == nn.WGANGP && c.Model.Norm == BatchNorm {
		return fmt.Errorf("dcgan: loss %q with the discriminator's batch norm: its penalty is for each picture by itself; set norm to %q or %q", nn.WGANGP, LayerNorm, NoNorm)
	}
	if c.DSteps < 0 {
		return fmt.Errorf("dcgan: d_steps is %d: it must be at least 1", c.DSteps)
	}
	if err := (train.EMA{Decay: c.EMA}).Validate(); err != nil {
		return fmt.Errorf("dcgan: ema: %w", err)
	}
	return c.Model.Validate()
}

// oneOf checks a named choice.
func oneOf[S ~string](field string, value S, allowed ...S) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	quoted := make([]string, len(allowed))
	for i, a := range allowed {
		quoted[i] = fmt.Sprintf("%q", a)
	}
	return fmt.Errorf("dcgan: %s is %q: it must be one of %s", field, value, strings.Join(quoted, ", "))
}
