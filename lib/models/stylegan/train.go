package stylegan

import (
	"context"

	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/train"
)

// id is the model's name in runs and commands.
const id = "stylegan"

// Model is a GAN with its weights, ready to use. Its methods may be called from one goroutine at a time.
type Model struct {
	Config Config

	generator     Net
	discriminator *Discriminator
	run           *nn.Runner
}

// New makes a model with fresh weights, which the seed decides. Its mean of weights begins as the weights.
func New(c Config, seed uint64) (*Model, error) {
	m, err := declare(c)
	if err != nil {
		return nil, err
	}
	return m, m.create(seed)
}

// declare makes a model without weights.
func declare(c Config) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	generator, err := c.net()
	if err != nil {
		return nil, err
	}
	discriminator, err := NewDiscriminator(c.discriminator())
	if err != nil {
		return nil, err
	}
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	return &Model{Config: c, generator: generator, discriminator: discriminator, run: nn.NewRunner(id, b)}, nil
}

// create gives it fresh weights.
func (m *Model) create(seed uint64) error {
	for scope, net := range m.parts() {
		if err := nn.Create(m.scope(scope), net, seed); err != nil {
			return err
		}
	}
	return nil
}

// net declares the generator.
func (c Config) net() (Net, error) {
	if c.Kind == StyleGAN2 {
		return NewGenerator2(c.generator2())
	}
	return NewGenerator(c.generator())
}

func (m *Model) scope(name string) *model.Scope { return m.run.Store.RootScope().At("%s", name) }

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it.
// data gives batches of pictures [batch, size, size, channels] with values in [0, 1] first, then, for a model with classes, labels.
// The metrics are loss_g, loss_d and r1_penalty. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	cfg = cfg.filled()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	job := train.Job{
		Model:   id,
		Config:  cfg,
		Seed:    cfg.Seed,
		Store:   m.run.Store,
		Step:    Step(m.generator, m.discriminator, cfg).First(2),
		Metrics: metrics,
		Data:    data,
	}
	if cfg.Evaluate != nil {
		job.Evaluate = func(ctx context.Context) ([]train.Metric, error) { return cfg.Evaluate(ctx, m) }
	}
	job.AfterEpoch = train.WithModel(cfg.AfterEpoch, m)
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}
