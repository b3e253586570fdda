package stylegan

import (
	"cmp"
	"context"
	"fmt"

	"genlab/lib/train"
)

// Kind is one of the three generators.
type Kind string

// The generators.
const (
	T         Kind = "t" // StyleGAN3's that moves with its input
	R         Kind = "r" // StyleGAN3's that turns with it, too: kernels of 1×1, filters alike in all directions, twice the channels
	StyleGAN2 Kind = "2" // the one before
)

// Config is the architecture.
type Config struct {
	Kind     Kind `json:"kind" help:"the generator: t (StyleGAN3-T), r (StyleGAN3-R) or 2 (StyleGAN2)"`
	Size     int  `json:"size" help:"height and width of a picture, a power of two"`
	Channels int  `json:"channels"`
	Classes  int  `json:"classes,omitempty"`
	Z        int  `json:"z" help:"size of the noise"`
	W        int  `json:"w" help:"size of a style"`
	Base     int  `json:"base" help:"channels at a resolution are this divided by it, up to --most"`
	Most     int  `json:"most" help:"channels at most"`
	Layers   int  `json:"layers" help:"layers of StyleGAN3's synthesis"`
	Margin   int  `json:"margin" help:"values that StyleGAN3's layers keep around the picture"`
}

// Default makes colour pictures of 32×32.
func Default() Config {
	return Config{Kind: T, Size: 32, Channels: 3, Z: 64, W: 64, Base: 512, Most: 32, Layers: 6, Margin: 4}
}

// Digits makes grey pictures of 32×32.
func Digits() Config {
	c := Default()
	c.Channels, c.Base, c.Most, c.Z, c.W = 1, 256, 16, 32, 32
	return c
}

// Tiny trains in seconds.
func Tiny() Config {
	return Config{Kind: T, Size: 16, Channels: 1, Z: 8, W: 8, Base: 64, Most: 4, Layers: 4, Margin: 2}
}

// Validate reports the first field that makes no model.
func (c Config) Validate() error {
	switch {
	case c.Kind != T && c.Kind != R && c.Kind != StyleGAN2:
		return fmt.Errorf("stylegan: kind is %q: it must be %q, %q or %q", c.Kind, T, R, StyleGAN2)
	case c.Size < 16:
		return fmt.Errorf("stylegan: size is %d: it must be a power of two, 16 to 1024", c.Size)
	case c.Classes < 0 || c.Classes == 1:
		return fmt.Errorf("stylegan: classes is %d: it must be 0, for none, or at least 2", c.Classes)
	}
	if err := c.discriminator().Validate(); err != nil {
		return err
	}
	if c.Kind == StyleGAN2 {
		return c.generator2().Validate()
	}
	return c.generator().Validate()
}

// generator is NVIDIA's config of StyleGAN3's generator, smaller.
func (c Config) generator() GeneratorConfig {
	g := published()
	g.Z, g.C, g.W, g.Resolution, g.Channels, g.Base, g.Most, g.Layers, g.Margin = c.Z, c.Classes, c.W, c.Size, c.Channels, c.Base, c.Most, c.Layers, c.Margin
	if c.Kind == R {
		g.Kernel, g.Radial, g.Base, g.Most = 1, true, 2*c.Base, 2*c.Most
	}
	return g
}

// generator2 is NVIDIA's config of StyleGAN2's, smaller and with waves as its input, so that it can be compared.
func (c Config) generator2() Generator2Config {
	g := published2()
	g.Z, g.C, g.W, g.Resolution, g.Channels, g.Base, g.Most, g.Fourier = c.Z, c.Classes, c.W, c.Size, c.Channels, c.Base, c.Most, true
	g.Mapping.Layers = 4
	return g
}

// discriminator is NVIDIA's config of the discriminator, smaller.
func (c Config) discriminator() DiscriminatorConfig {
	d := publishedDiscriminator()
	d.C, d.Resolution, d.Channels, d.Base, d.Most = c.Classes, c.Size, c.Channels, c.Base, c.Most
	return d
}

// TrainConfig says how to train.
type TrainConfig struct {
	Model Config     `json:"model"`
	RateG float64    `json:"rate_g" flag:"rate-g" help:"learning rate of the generator's Adam"`
	RateD float64    `json:"rate_d" flag:"rate-d" help:"learning rate of the discriminator's Adam"`
	Betas [2]float64 `json:"betas"` // both Adams' betas
	Eps   float64    `json:"eps"`   // both Adams'
	// Gamma weighs R1.
	Gamma float64 `json:"gamma" help:"weight of R1, the discriminator's squared gradient on real pictures"`
	// R1Part is the part of a batch that R1 is of: 4 is a quarter. NVIDIA's has R1 of a whole batch at each 16th step, which costs and weighs
	// as much as that of a sixteenth at each step. The part must be a multiple of the discriminator's groups of 4.
	R1Part int `json:"r1_part" flag:"r1-part" help:"R1 is of one part in this many of each batch"`
	// Mixing is how probable it is that a picture's later layers are styled by another w (Karras et al. 2019, section 3.1).
	Mixing float64 `json:"mixing,omitempty" help:"probability of style mixing, which StyleGAN2 had at 0.9"`
	// Augment lets few pictures last longer.
	Augment Augment `json:"augment,omitempty" help:"what the discriminator's pictures go through: bg (moves, turns) or bgc (colours too); without, nothing"`
	// Target is how sure of real pictures the discriminator may be: the part that it calls real less the part that it calls made.
	Target float64 `json:"target" help:"augmentation grows more probable where the discriminator is surer of real pictures than this"`
	// Speed is how many pictures take the probability of augmentation from 0 to 1; NVIDIA's 500,000 is for trainings of days.
	Speed float64 `json:"speed" help:"pictures that take the probability of augmentation from 0 to 1"`
	// Blur is what R begins with: the width of a blur of all that the discriminator sees, in pixels, gone after Fade pictures.
	Blur float64 `json:"blur,omitempty" help:"width, in pixels, of a blur that the training begins with"`
	Fade float64 `json:"fade,omitempty" help:"pictures after which the blur is gone"`
	// Seed is of the first weights and the noise; the data set's order has its own.
	Seed uint64 `json:"seed" help:"seed of weights, order and noise"`
	// EMA is how much a running mean of the generator's weights keeps at each step. [Model.Sample] draws from the mean.
	EMA float64 `json:"ema" help:"how much the mean of the generator's weights, which samples come from, keeps a step"`

	// Evaluate, when given, measures the model after each epoch.
	Evaluate func(ctx context.Context, m *Model) ([]train.Metric, error) `json:"-"`
	// AfterEpoch, when given, is called after each epoch with the model as it stands and the run's folder for samples.
	AfterEpoch func(ctx context.Context, m *Model, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// Recipe has NVIDIA's rates, betas and eps, and a mean of weights for a training of minutes.
func Recipe() TrainConfig {
	return TrainConfig{
		Model: Default(), RateG: 2.5e-3, RateD: 2e-3, Betas: [2]float64{0, 0.99}, Eps: 1e-8, Gamma: 1, R1Part: 4, Seed: 1, EMA: 0.995, Target: 0.6, Speed: 50_000, Fade: 10_000,
		Options: train.Options{Run: "runs/stylegan", Epochs: 10},
	}
}

// filled has the defaults in place of zeros.
func (c TrainConfig) filled() TrainConfig {
	r := Recipe()
	c.RateG, c.RateD, c.Eps = cmp.Or(c.RateG, r.RateG), cmp.Or(c.RateD, r.RateD), cmp.Or(c.Eps, r.Eps)
	c.Betas, c.EMA, c.R1Part = cmp.Or(c.Betas, r.Betas), cmp.Or(c.EMA, r.EMA), cmp.Or(c.R1Part, r.R1Part)
	return c
}

func (c TrainConfig) validate() error {
	if err := c.checkNumbers(); err != nil {
		return err
	}
	return c.Model.Validate()
}

// checkNumbers checks all but the model.
func (c TrainConfig) checkNumbers() error {
	for _, f := range []struct {
		name  string
		value float64
	}{{"rate_g", c.RateG}, {"rate_d", c.RateD}, {"gamma", c.Gamma}, {"eps", c.Eps}} {
		if !(f.value >= 0) {
			return fmt.Errorf("stylegan: %s is %g: it must be at least 0", f.name, f.value)
		}
	}
	for _, beta := range c.Betas {
		if beta < 0 || beta >= 1 {
			return fmt.Errorf("stylegan: betas is %v: both must be at least 0 and less than 1", c.Betas)
		}
	}
	if c.R1Part < 1 {
		return fmt.Errorf("stylegan: r1_part is %d: it must be at least 1", c.R1Part)
	}
	if err := c.Augment.validate(); err != nil {
		return err
	}
	if c.Augment != NoAugment && (!(c.Target >= -1 && c.Target <= 1) || !(c.Speed > 0)) {
		return fmt.Errorf("stylegan: target, speed are %g, %g: target must be -1 to 1, speed positive", c.Target, c.Speed)
	}
	if !(c.Blur >= 0 && c.Blur <= 100) || c.Blur > 0 && !(c.Fade > 0) {
		return fmt.Errorf("stylegan: blur, fade are %g, %g: blur must be 0 to 100, fade positive", c.Blur, c.Fade)
	}
	if !(c.Mixing >= 0 && c.Mixing <= 1) {
		return fmt.Errorf("stylegan: mixing is %g: it must be 0 to 1", c.Mixing)
	}
	if err := (train.EMA{Decay: c.EMA}).Validate(); err != nil {
		return fmt.Errorf("stylegan: ema: %w", err)
	}
	return nil
}
