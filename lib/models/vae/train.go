package vae

import (
	"context"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// id is the model's name in runs and commands.
const id = "vae"

// Model is a VAE with its weights, ready to use. Its methods may be called from one goroutine at a time.
type Model struct {
	Config        Config
	torch.Weights // Save and Load

	net   Coder
	train TrainConfig // what the loss is
	run   *nn.Runner
}

// New makes a model with fresh weights, which the seed decides.
func New(c Config, seed uint64) (*Model, error) {
	net, err := newCoder(c)
	if err != nil {
		return nil, err
	}
	run, weights, err := train.Fresh(id, net, seed)
	if err != nil {
		return nil, err
	}
	return &Model{Config: c, Weights: weights, net: net, run: run}, nil
}

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it.
// data gives batches [batch, input] or [batch, height, width, channels] of values in [0, 1] first; whatever it gives besides is left aside.
// The metrics are loss, bce and kl, in nats an example. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg = cfg.filled()
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	m.train = cfg
	if cfg.Start != "" {
		start, err := torch.Source{Path: cfg.Start, Key: cfg.Key, Prefix: cfg.StripPrefix}.Read()
		if err != nil {
			return nil, err
		}
		if _, err := m.LoadStateDict(start, false); err != nil {
			return nil, err
		}
	}
	job := train.Job{
		Model:   id,
		Config:  cfg,
		Seed:    cfg.Seed,
		Store:   m.run.Store,
		Step:    Step(m.net, cfg).First(1),
		Metrics: metrics,
		Data:    data,
	}
	job.Evaluate = train.Measured("validation_loss", cfg.Validation, m.Loss)
	job.AfterEpoch = train.WithModel(cfg.AfterEpoch, m)
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}

// Loss is the mean loss over one epoch of data, in nats an example, with one sample of the latent for each.
func (m *Model) Loss(ctx context.Context, data train.Dataset) (float64, error) {
	return train.Mean(ctx, data, func(ctx context.Context, step int, batch []*tensors.Tensor) (sum, count float64, err error) {
		out, err := m.run.Call(ctx, "measure the loss", func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
			nn.SeedGraph(s, inputs[0])
			x := flat(inputs[1])
			return []*graph.Node{m.train.loss(pass(s, m.net, m.train, x, nil).Loss(x))}
		}, []uint32{0, uint32(step)}, batch[0])
		if err != nil {
			return 0, 0, err
		}
		return float64(tensors.ToScalar[float32](out[0])), float64(batch[0].Shape().Dim(0)), nil
	})
}
