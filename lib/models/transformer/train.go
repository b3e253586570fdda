package transformer

import (
	"context"

	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// id is the model's name in runs and commands.
const id = "translator"

// Model is a translator with its weights, ready to use. Its methods may be called from one goroutine at a time.
type Model struct {
	Config        Config
	torch.Weights // Save and Load

	net *Net
	run *nn.Runner
}

// New makes a model with fresh weights, which the seed decides.
func New(c Config, seed uint64) (*Model, error) {
	net, err := NewNet(c)
	if err != nil {
		return nil, err
	}
	run, weights, err := train.Fresh(id, net, seed)
	if err != nil {
		return nil, err
	}
	return &Model{Config: c, Weights: weights, net: net, run: run}, nil
}

// Train trains a translator in cfg.Run, from where an earlier call left off, and returns it. data gives batches of source, target and
// labels: integers [batch, length], the target after [Begin], the labels with [End], filled up with [Pad].
// The metrics are loss, in nats a token with smoothing, and accuracy, the share of tokens guessed right. Errors are those of
// [train.Run].
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
		Step:    Step(m.net, cfg),
		Metrics: metrics,
		Data:    data,
	}
	if cfg.Evaluate != nil {
		job.Evaluate = func(ctx context.Context) ([]train.Metric, error) { return cfg.Evaluate(ctx, m) }
	}
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}
