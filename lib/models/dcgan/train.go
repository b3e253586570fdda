package dcgan

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/train"
)

// id is the model's name in runs and commands.
const id = "dcgan"

// Model is a GAN with its weights, ready to use. Its methods may be called from one goroutine at a time.
type Model struct {
	Config Config

	generator     *Generator
	discriminator *Discriminator
	mean          bool // samples come from the running mean of the generator
	run           *nn.Runner
}

// New makes a model with fresh weights, which the seed decides.
func New(c Config, seed uint64) (*Model, error) {
	generator, err := NewGenerator(c)
	if err != nil {
		return nil, err
	}
	discriminator, err := NewDiscriminator(c)
	if err != nil {
		return nil, err
	}
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	m := &Model{Config: c, generator: generator, discriminator: discriminator, run: nn.NewRunner(id, b)}
	if err := nn.Create(m.scope(generatorScope), generator, seed); err != nil {
		return nil, err
	}
	return m, nn.Create(m.scope(discriminatorScope), discriminator, seed)
}

func (m *Model) scope(name string) *model.Scope { return m.run.Store.RootScope().At("%s", name) }

// newFor makes the model that a training needs.
func newFor(c TrainConfig) (*Model, error) {
	m, err := New(c.Model, c.Seed)
	if err != nil || c.EMA == 0 {
		return m, err
	}
	m.mean = true
	return m, nn.Create(m.scope(meanScope), m.generator, c.Seed)
}

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it.
// data gives batches of pictures [d_steps·batch, size, size, nc] with values in [0, 1] first, then, for a model with classes, labels.
// The metrics are loss_d, loss_g, d_x, d_g_z1 and d_g_z2, those of the article's line. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg = cfg.filled()
	m, err := newFor(cfg)
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
	if cfg.AfterLine != nil {
		job.AfterStep = func(ctx context.Context, step int, measured []train.Metric) error {
			epoch, i := (step-1)/data.Steps(), (step-1)%data.Steps()
			if i%lineEvery != 0 {
				return nil
			}
			return cfg.AfterLine(ctx, m, step, line(epoch, cfg.Epochs, i, data.Steps(), measured))
		}
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

// lineEvery is how often the article prints.
const lineEvery = 50

// line is what the article prints. epoch and i count from 0.
func line(epoch, epochs, i, steps int, m []train.Metric) string {
	return fmt.Sprintf("[%d/%d][%d/%d] Loss_D: %.4f Loss_G: %.4f D(x): %.4f D(G(z)): %.4f / %.4f",
		epoch, epochs, i, steps, m[0].Value, m[1].Value, m[2].Value, m[3].Value, m[4].Value)
}
