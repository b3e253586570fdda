package classifier

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// id is the model's name in runs and commands.
const id = "classifier"

// Model is a classifier with its weights, ready to use. Its methods may be called from one goroutine at a time.
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

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it.
// data gives batches of pictures [batch, size, size, channels] with values in [0, 1], and labels int32 [batch].
// The metrics are loss, in nats a picture, and after each epoch accuracy, of cfg.Validation. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg = cfg.filled()
	var err error
	if cfg.Steps, err = cfg.Schedule(cfg.Steps, id, "steps", data); err != nil {
		return nil, err
	}
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	job := train.Job{
		Model: id, Config: cfg, Seed: cfg.Seed, Store: m.run.Store,
		Step: Step(m.net, cfg), Metrics: metrics, Data: data,
	}
	job.Evaluate = train.Measured("accuracy", cfg.Validation, m.Accuracy)
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}

// Accuracy is the part of one epoch's pictures whose class the model tells.
func (m *Model) Accuracy(ctx context.Context, data train.Dataset) (float64, error) {
	return train.Mean(ctx, data, func(ctx context.Context, _ int, batch []*tensors.Tensor) (right, all float64, err error) {
		if len(batch) < 2 {
			return 0, 0, fmt.Errorf("classifier: accuracy is of pictures and labels, the data set gives %d tensors a batch", len(batch))
		}
		out, err := m.run.Call(ctx, "classify", m.classify, batch[0])
		if err != nil {
			return 0, 0, err
		}
		classes := out[1].Value().([]int32)
		for i, label := range batch[1].Value().([]int32) {
			if classes[i] == label {
				right++
			}
		}
		return right, float64(len(classes)), nil
	})
}
