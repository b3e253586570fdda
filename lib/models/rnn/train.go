package rnn

import (
	"context"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// id is the model's name in runs.
const id = "lstm"

// Model is a language model with its weights, ready to use. Its methods may be called from one goroutine at a time.
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
//
// data gives batches of characters and of those that follow them, int32 [batch, time] both. Each batch must go on where the one
// before ended, row by row: the state is carried from batch to batch, while gradients stop at the batch's beginning (truncated
// backpropagation through time; Mikolov et al., 2010). At the beginning of an epoch the state is zero again.
// The metric is loss, in nats a character. Errors are those of [train.Run].
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
		Step:    Step(m.net, cfg, data.Steps()),
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

// zeroState is the state before the first character of each row.
func (m *Model) zeroState(batch int) []any {
	shape := shapes.Make(dtypes.Float32, m.Config.Layers, batch, m.Config.Hidden)
	state := []any{tensors.FromShape(shape)}
	if m.Config.Cell == "lstm" {
		state = append(state, tensors.FromShape(shape))
	}
	return state
}

// Loss is the mean loss over one epoch of data, in nats a character, the state carried from batch to batch as in training.
func (m *Model) Loss(ctx context.Context, data train.Dataset) (float64, error) {
	var state []any
	return train.Mean(ctx, data, func(ctx context.Context, _ int, batch []*tensors.Tensor) (sum, count float64, err error) {
		if len(batch) < 2 || batch[0].Rank() != 2 || !batch[0].Shape().Equal(batch[1].Shape()) {
			return 0, 0, errBatch
		}
		if state == nil {
			state = m.zeroState(batch[0].Shape().Dim(0))
		}
		out, err := m.run.Call(ctx, "measure the loss", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			logits, last := m.net.Forward(s, in[0], stateOf(in[2:]))
			return append([]*graph.Node{graph.ReduceAllMean(nn.CrossEntropy(logits, in[1]))}, states(last)...)
		}, append([]any{batch[0], batch[1]}, state...)...)
		if err != nil {
			return 0, 0, err
		}
		for i, t := range out[1:] {
			state[i] = t
		}
		size := float64(batch[0].Shape().Size())
		return size * float64(tensors.ToScalar[float32](out[0])), size, nil
	})
}
