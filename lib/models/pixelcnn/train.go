package pixelcnn

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/nn/pixels"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// id is the model's name in runs and commands.
const id = "pixelcnn"

// Model is a PixelCNN with its weights, ready to use. Its methods may be called from one goroutine at a time.
type Model struct {
	Config        Config
	torch.Weights // Save and Load
	*pixels.Painter
}

// New makes a model with fresh weights, which the seed decides.
func New(c Config, seed uint64) (*Model, error) {
	net, err := NewNet(c)
	if err != nil {
		return nil, err
	}
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	run := nn.NewRunner(id, b)
	painter := &pixels.Painter{Likelihood: c.Likelihood(), Height: c.Height, Width: c.Width, Classes: c.Classes, Net: net, Run: run}
	root := run.Store.RootScope()
	return &Model{Config: c, Weights: torch.Of(root, net), Painter: painter}, nn.Create(root, net, seed)
}

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it. data gives batches as [Step] takes them. The metrics
// are loss, in nats a picture, and bits, for each value. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	cfg = cfg.filled()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	var err error
	if cfg.Total, err = cfg.Schedule(cfg.Total, id, "total", data); err != nil {
		return nil, err
	}
	if cfg.WarmUp >= cfg.Total {
		return nil, fmt.Errorf("pixelcnn: warm_up is %d: it must be less than all steps, %d", cfg.WarmUp, cfg.Total)
	}
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	job := train.Job{Model: id, Config: cfg, Seed: cfg.Seed, Store: m.Run.Store, Step: Step(m.Net, cfg).First(2), Metrics: metrics, Data: data}
	job.Evaluate = train.Measured("validation_loss", cfg.Validation, m.Loss)
	job.AfterEpoch = train.WithModel(cfg.AfterEpoch, m)
	if err := train.Run(ctx, m.Run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}

// Loss is the mean of nats a picture over one epoch of data, black and white drawn once by a fixed seed.
func (m *Model) Loss(ctx context.Context, data train.Dataset) (float64, error) {
	return train.Mean(ctx, data, func(ctx context.Context, step int, batch []*tensors.Tensor) (sum, count float64, err error) {
		return m.Cost(ctx, uint64(step), batch...)
	})
}
