package augment

import (
	"context"

	"genlab/lib/models/dcgan"
	"genlab/lib/models/stylegan"
	"genlab/lib/nn"
	"genlab/lib/train"
)

// GAN says how long a GAN learns from the few pictures before it makes more.
type GAN struct {
	Steps int `json:"gan_steps" flag:"gan-steps" help:"steps that each GAN learns"`
	Batch int `json:"gan_batch" flag:"gan-batch" help:"pictures a step of a GAN"`
}

// making makes a picture of each label.
type making func(ctx context.Context, labels []int, seed uint64) ([][]float32, error)

// epochSteps are the steps of an epoch, after which a GAN is saved.
const epochSteps = 100

// options are those of a GAN's training.
func (g GAN) options(run string) train.Options {
	return train.Options{Run: run, Epochs: (g.Steps + epochSteps - 1) / epochSteps, Watch: func(train.Progress) {}}
}

// data shows a GAN the classes equally often.
func (g GAN) data(p Pictures, seed uint64) (*drawn, error) {
	return draws(p, g.Batch, min(g.Steps, epochSteps), true, nil, seed)
}

// learnDCGAN trains a conditional DCGAN, or opens it where the run is complete. Its pictures are of 32×32.
func (g GAN) learnDCGAN(ctx context.Context, p Pictures, run string, seed uint64) (making, error) {
	cfg := dcgan.Recipe()
	cfg.Model.NC, cfg.Model.ImageSize, cfg.Model.Classes = p.Channels, p.Size, p.Classes
	// With the article's loss and batch norm nothing is learned in so few steps; what Miyato et al. (2018) give the discriminator does it.
	cfg.Loss, cfg.Rate = nn.GANHinge, 1e-3
	cfg.Model.SpectralNorm, cfg.Model.Norm, cfg.Model.Init = true, dcgan.NoNorm, dcgan.PyTorchInit
	cfg.EMA, cfg.Seed, cfg.Options = 0.99, seed, g.options(run)
	data, err := g.data(p, seed)
	if err != nil {
		return nil, err
	}
	m, err := dcgan.Train(ctx, cfg, data)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, labels []int, seed uint64) ([][]float32, error) {
		z, err := m.Noise(ctx, len(labels), seed)
		if err != nil {
			return nil, err
		}
		return m.Generate(ctx, z, labels)
	}, nil
}

// learnStyleGAN trains a conditional StyleGAN2 whose discriminator sees augmented pictures (ADA), or opens it where the run is complete.
func (g GAN) learnStyleGAN(ctx context.Context, p Pictures, run string, seed uint64) (making, error) {
	cfg := stylegan.Recipe()
	cfg.Model = stylegan.Digits()
	cfg.Model.Kind, cfg.Model.Channels, cfg.Model.Size, cfg.Model.Classes = stylegan.StyleGAN2, p.Channels, p.Size, p.Classes
	cfg.Augment, cfg.Speed, cfg.Seed, cfg.Options = "bg", 10_000, seed, g.options(run)
	data, err := g.data(p, seed)
	if err != nil {
		return nil, err
	}
	m, err := stylegan.Train(ctx, cfg, data)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, labels []int, seed uint64) ([][]float32, error) {
		z, err := m.Noise(ctx, len(labels), seed)
		if err != nil {
			return nil, err
		}
		pictures, err := m.Generate(ctx, stylegan.Points{Z: z, Labels: labels}, stylegan.Look{})
		for _, p := range pictures {
			for i, v := range p {
				p[i] = min(max(v, 0), 1)
			}
		}
		return pictures, err
	}, nil
}
