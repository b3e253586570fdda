package gpt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// id is the model's name in runs and commands.
const id = "gpt"

// Model is a GPT with its weights, ready to use. Its methods may be called from one goroutine at a time.
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
// data gives batches of tokens [batch, length] and the tokens that follow, as many, negative where the loss is to leave one out.
// The metrics are loss, in nats a token, and norm, the gradient's length before clipping. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	if cfg.Total == 0 {
		var before struct{ Total int }
		_ = train.ReadConfig(cfg.Run, id, &before) // a run that goes on, perhaps for more epochs, keeps its schedule
		cfg.Total = cmp.Or(before.Total, max(2, cfg.Epochs*data.Steps()))
	}
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
	if cfg.Validation != nil {
		job.Evaluate = func(ctx context.Context) ([]train.Metric, error) {
			loss, err := m.Loss(ctx, cfg.Validation)
			if err != nil {
				return nil, err
			}
			return []train.Metric{{Name: "validation_loss", Value: loss}}, m.keepBest(cfg.Run, loss)
		}
	}
	job.AfterEpoch = train.WithModel(cfg.AfterEpoch, m)
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, m.loadBest(cfg.Run)
}

// Loss is the mean loss over one epoch of data, in nats a token that counts.
func (m *Model) Loss(ctx context.Context, data train.Dataset) (float64, error) {
	var sum, count float64
	for step := range data.Steps() {
		batch, err := data.Batch(0, step)
		if err != nil {
			return 0, fmt.Errorf("making batch %d: %w", step, err)
		}
		if len(batch) != 2 {
			return 0, fmt.Errorf("gpt: a batch is tokens and labels of one shape, was given %d tensors", len(batch))
		}
		out, err := m.run.Call(ctx, "measure the loss", func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
			sum, count := LossSum(m.net.Forward(s, inputs[0]), inputs[1])
			return []*graph.Node{sum, count}
		}, batch[0], batch[1])
		if err != nil {
			return 0, err
		}
		sum += float64(tensors.ToScalar[float32](out[0]))
		count += float64(tensors.ToScalar[float32](out[1]))
	}
	if count == 0 {
		return 0, errors.New("gpt: nothing to measure the loss on: every label is left out")
	}
	return sum / count, nil
}

// bestFile holds a run's best weights, PyTorch's state_dict as everywhere.
func bestFile(run string) string { return filepath.Join(run, "best.safetensors") }

// keepBest saves the weights if no earlier loss of the run was as low.
func (m *Model) keepBest(run string, loss float64) error {
	records, err := train.ReadMetrics(run)
	if err != nil {
		return err
	}
	_, before := train.Series(records, "validation_loss")
	for _, earlier := range before {
		if earlier <= loss {
			return nil
		}
	}
	return m.Save(bestFile(run))
}

// loadBest puts the run's best weights into the model, if it kept any.
func (m *Model) loadBest(run string) error {
	if _, err := os.Stat(bestFile(run)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return m.Weights.Load(bestFile(run))
}
