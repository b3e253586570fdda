package bert

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// id is the model's name in runs and commands.
const id = "bert"

// Model is an encoder with its head and weights, ready to use. Its methods may be called from one goroutine at a time.
type Model struct {
	torch.Weights // Save; Load knows more names

	Config Config

	net *Net
	run *nn.Runner
}

// New makes a model with fresh weights, which the seed decides.
func New(c Config, seed uint64) (*Model, error) {
	m, err := bare(c)
	if err != nil {
		return nil, err
	}
	return m, nn.Create(m.run.Store.RootScope(), m.net, seed)
}

// bare is a model without weights.
func bare(c Config) (*Model, error) {
	net, err := NewNet(c)
	if err != nil {
		return nil, err
	}
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	run := nn.NewRunner(id, b)
	return &Model{Weights: torch.Of(run.Store.RootScope(), net), Config: c, net: net, run: run}, nil
}

// Parameters is how many values the model learns.
func (m *Model) Parameters() int { return nn.Count(m.net) }

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it with the best weights that it had.
// data gives batches of pieces [batch, length], labels as [Net.Loss] takes them, the mask and the types, both [batch, length].
// The metrics are loss, in nats a label, and norm, the gradient's length before clipping. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	if cfg.Total == 0 {
		var err error
		if cfg.Total, err = train.Remembered(cfg.Run, id, "total", max(2, cfg.Epochs*data.Steps())); err != nil {
			return nil, err
		}
	}
	cfg = cfg.filled()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	if cfg.Start != "" {
		if err := m.begin(cfg.Start); err != nil {
			return nil, fmt.Errorf("start: %w", err)
		}
	}
	job := train.Job{
		Model: id, Config: cfg, Seed: cfg.Seed, Store: m.run.Store, Step: Step(m.net, cfg), Metrics: metrics, Data: data,
	}
	if cfg.Validation != nil || cfg.Measure != nil {
		job.Evaluate = func(ctx context.Context) ([]train.Metric, error) { return m.evaluate(ctx, cfg) }
	}
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, train.LoadBest(cfg.Run, m.Weights.Load)
}

// evaluate measures the model after an epoch and keeps its weights if they are the best.
func (m *Model) evaluate(ctx context.Context, cfg TrainConfig) (list []train.Metric, err error) {
	if cfg.Measure != nil {
		if list, err = cfg.Measure(ctx, m); err != nil {
			return nil, err
		}
	}
	if cfg.Validation == nil {
		return list, nil
	}
	loss, err := m.Loss(ctx, cfg.Validation)
	if err != nil {
		return nil, err
	}
	list = append(list, train.Metric{Name: "validation_loss", Value: loss})
	return list, train.KeepBest(cfg.Run, "validation_loss", loss, m.Save)
}

// Loss is the mean loss over one epoch of data, in nats a label that counts.
func (m *Model) Loss(ctx context.Context, data train.Dataset) (float64, error) {
	return train.Mean(ctx, data, func(ctx context.Context, _ int, batch []*tensors.Tensor) (sum, count float64, err error) {
		args := make([]any, len(batch))
		for i, t := range batch {
			args[i] = t
		}
		out, err := m.run.Call(ctx, "measure the loss", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			given := train.Batch(in)
			logits := m.net.Logits(s, Text{Pieces: in[0], Mask: given.At(2), Types: given.At(3)})
			sum, count := m.net.lossSum(logits, in[1])
			return []*graph.Node{sum, count}
		}, args...)
		if err != nil {
			return 0, 0, err
		}
		return float64(tensors.ToScalar[float32](out[0])), float64(tensors.ToScalar[float32](out[1])), nil
	})
}
