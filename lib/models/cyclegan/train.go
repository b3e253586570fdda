package cyclegan

import (
	"context"

	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// id is the model's name in runs and commands.
const id = "cyclegan"

// Model is the four networks with their weights, ready to use. Its methods may be called from one goroutine at a time.
type Model struct {
	Config Config

	nets Nets
	run  *nn.Runner
}

// New makes a model with fresh weights, which the seed decides.
func New(c Config, seed uint64) (*Model, error) {
	nets, err := NewNets(c)
	if err != nil {
		return nil, err
	}
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	m := &Model{c, nets, nn.NewRunner(id, b)}
	for i, scope := range []string{genA, genB, discA, discB} { // no two begin alike
		var net any = nets.G
		if i > 1 {
			net = nets.D
		}
		if err := nn.Create(m.scope(scope), net, 4*seed+uint64(i)); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Model) scope(name string) *model.Scope { return m.run.Store.RootScope().At("%s", name) }

// ToB is the weights of the generator that makes pictures of kind B, to save and load.
func (m *Model) ToB() torch.Weights { return torch.Of(m.scope(genA), m.nets.G) }

// ToA is the weights of the generator that makes pictures of kind A, to save and load.
func (m *Model) ToA() torch.Weights { return torch.Of(m.scope(genB), m.nets.G) }

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it. data gives batches as [Step] takes them. Errors are
// those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	cfg = cfg.filled()
	var err error
	if cfg.Steps, err = cfg.Schedule(cfg.Steps, id, "steps", data); err != nil {
		return nil, err
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	job := train.Job{
		Model: id, Config: cfg, Seed: cfg.Seed, Store: m.run.Store,
		Step: Step(m.nets, cfg).First(2), Metrics: metrics, Data: data,
	}
	if cfg.Evaluate != nil {
		job.Evaluate = func(ctx context.Context) ([]train.Metric, error) { return cfg.Evaluate(ctx, m) }
	}
	job.AfterEpoch = train.WithModel(cfg.AfterEpoch, m)
	return m, train.Run(ctx, m.run.Backend, job, cfg.Options)
}
