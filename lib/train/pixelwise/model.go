package pixelwise

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/nn"
	"genlab/lib/nn/pixels"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Model is a network with its weights, ready to use. Its methods may be called from one goroutine at a time.
type Model[C Config] struct {
	Config        C
	torch.Weights // Save and Load
	*pixels.Painter
}

// New makes a model with fresh weights, which the seed decides. id is its name in runs and commands.
func New[C Config](id string, c C, seed uint64) (*Model[C], error) {
	painter, err := c.Painter()
	if err != nil {
		return nil, err
	}
	run, weights, err := train.Fresh(id, painter.Net, seed)
	if err != nil {
		return nil, err
	}
	painter.Run = run
	return &Model[C]{Config: c, Weights: weights, Painter: painter}, nil
}

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it. data gives batches as [Step] takes them, without
// noise. The metrics are loss, in nats a picture, and bits, for each value. Errors are those of [train.Run].
func Train[C Config](ctx context.Context, id string, cfg TrainConfig[C], data train.Dataset) (*Model[C], error) {
	cfg = cfg.filled()
	if err := cfg.validate(id); err != nil {
		return nil, err
	}
	var err error
	if cfg.Total, err = cfg.Schedule(cfg.Total, id, "total", data); err != nil {
		return nil, err
	}
	if cfg.WarmUp >= cfg.Total {
		return nil, fmt.Errorf("%s: warm_up is %d: it must be less than all steps, %d", id, cfg.WarmUp, cfg.Total)
	}
	m, err := New(id, cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	job := train.Job{Model: id, Config: cfg, Seed: cfg.Seed, Store: m.Run.Store, Step: Step(m.Painter, cfg).First(2), Metrics: metrics, Data: data}
	job.Evaluate = train.Measured("validation_loss", cfg.Validation, m.Loss)
	job.AfterEpoch = train.WithModel(cfg.AfterEpoch, m)
	if err := train.Run(ctx, m.Run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}

// Open reads the model of a run.
func Open[C Config](id, run string) (*Model[C], error) {
	return train.Open(run, id, func(c TrainConfig[C]) (map[string]any, error) {
		painter, err := c.Model.Painter()
		if err != nil {
			return nil, err
		}
		return map[string]any{"": painter.Net}, nil
	}, func(c TrainConfig[C]) (*Model[C], error) {
		return New(id, c.Model, c.Seed)
	}, func(m *Model[C]) *nn.Runner {
		return m.Run
	})
}

// Loss is the mean of nats a picture over one epoch of data, black and white drawn once by a fixed seed.
func (m *Model[C]) Loss(ctx context.Context, data train.Dataset) (float64, error) {
	return train.Mean(ctx, data, func(ctx context.Context, step int, batch []*tensors.Tensor) (sum, count float64, err error) {
		return m.Cost(ctx, uint64(step), batch...)
	})
}
