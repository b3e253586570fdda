package gan

import (
	"context"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/train"
)

// id is the model's name in runs.
const id = "gan"

// Model is a GAN with its weights, ready to use. Its methods may be called from one goroutine at a time.
type Model struct {
	Config Config

	generator, discriminator *Net
	run                      *nn.Runner
}

// New makes a model with fresh weights, which the seed decides.
func New(c Config, seed uint64) (*Model, error) {
	g, d, err := NewNets(c)
	if err != nil {
		return nil, err
	}
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	m := &Model{Config: c, generator: g, discriminator: d, run: nn.NewRunner(id, b)}
	root := m.run.Store.RootScope()
	if err := nn.Create(root.At(generatorScope), g, seed); err != nil {
		return nil, err
	}
	return m, nn.Create(root.At(discriminatorScope), d, seed)
}

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it. data gives points [batch, dims].
// The metrics are loss_d, loss_g, d_x and d_g_z, D's mean verdict on real and made points. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg = cfg.filled()
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	job := train.Job{
		Model: id, Config: cfg, Seed: cfg.Seed, Store: m.run.Store,
		Step: Step(m.generator, m.discriminator, cfg).First(1), Metrics: metrics, Data: data,
	}
	job.AfterEpoch = train.WithModel(cfg.AfterEpoch, m)
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}
