package style

import (
	"context"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Model is a network that paints in one style, ready to use. Its methods may be called from one goroutine at a time.
type Model struct {
	Config NetConfig
	torch.Weights

	net *Net
	run *nn.Runner
}

// New makes a model with fresh weights, which the seed decides.
func New(c NetConfig, seed uint64) (*Model, error) {
	net, err := NewNet(c)
	if err != nil {
		return nil, err
	}
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	run := nn.NewRunner(id, b)
	scope := run.Store.RootScope().At(netScope)
	return &Model{Config: c, Weights: torch.Of(scope, net), net: net, run: run}, nn.Create(scope, net, seed)
}

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it. vgg is a file that [ReadVGG] reads. data gives batches
// as [Step] takes them. The metric is loss. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, vgg string, data train.Dataset) (*Model, error) {
	cfg = cfg.filled()
	v, state, err := ReadVGG(vgg)
	if err != nil {
		return nil, err
	}
	cfg.VGG = v.config
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	if err := torch.LoadOnto(m.run.Backend, m.run.Store.RootScope().At(vggScope), v, state, false); err != nil {
		return nil, err
	}
	step, err := Step(m.net, v, cfg)
	if err != nil {
		return nil, err
	}
	job := train.Job{Model: id, Config: cfg, Seed: cfg.Seed, Store: m.run.Store, Step: step, Metrics: metrics, Data: data}
	if cfg.AfterEpoch != nil {
		job.AfterEpoch = func(_ context.Context, epoch int, samples string) error { return cfg.AfterEpoch(m, epoch, samples) }
	}
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}
