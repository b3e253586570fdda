package wavenet

import (
	"context"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// id is the model's name in runs and commands.
const id = "wavenet"

// Model is a model with its weights, ready to use. Its methods may be called from one goroutine at a time.
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

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it. data gives batches as [Step]
// takes them. The metric is loss, in bits a sample. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg = cfg.filled()
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	if cfg.Start != "" {
		if err := m.Load(cfg.Start); err != nil {
			return nil, err
		}
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
	job.Evaluate = train.Measured("validation_loss", cfg.Validation, m.Loss)
	job.AfterEpoch = train.WithModel(cfg.AfterEpoch, m)
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}

// Loss is the mean over one epoch of data, in bits a sample.
func (m *Model) Loss(ctx context.Context, data train.Dataset) (float64, error) {
	return train.Mean(ctx, data, func(ctx context.Context, _ int, batch []*tensors.Tensor) (sum, count float64, err error) {
		inputs := make([]any, len(batch))
		for i, t := range batch {
			inputs[i] = t
		}
		out, err := m.run.Call(ctx, "measure the loss", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			sum, count := m.net.total(s, in[0], m.net.condition(in[1:]))
			return []*graph.Node{graph.DivScalar(sum, math.Ln2), count}
		}, inputs...)
		if err != nil {
			return 0, 0, err
		}
		return float64(tensors.ToScalar[float32](out[0])), float64(tensors.ToScalar[float32](out[1])), nil
	})
}
