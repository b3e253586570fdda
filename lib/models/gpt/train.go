package gpt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
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

// TrainConfig says how to train. Zero fields that have another meaning say so.
type TrainConfig struct {
	Model      Config  `json:"model"`
	Rate       float64 `json:"rate"`       // highest learning rate
	MinRate    float64 `json:"min_rate"`   // the last one
	Warmup     int     `json:"warmup"`     // steps until the highest
	Beta2      float64 `json:"beta2"`      // how slowly Adam forgets squared gradients: 0.99 for small batches, 0.95 for large ones
	Decay      float64 `json:"decay"`      // of matrices
	Clip       float64 `json:"clip"`       // longest gradient; 0 doesn't clip
	Accumulate int     `json:"accumulate"` // parts that a batch is computed in, to save memory; 0 is 1
	Total      int     `json:"total"`      // steps until the last learning rate; 0 is all that Options.Epochs ask for at first
	Seed       uint64  `json:"seed"`       // of the first weights and dropout; the data set's order has its own

	// Validation, when given, is measured after each epoch: its loss in nats a token stands in the metrics as val_loss, and the
	// weights of the lowest one are kept for [Open].
	Validation train.Dataset `json:"-"`
	// AfterEpoch, when given, is called after each epoch with the model as it stands and the run's folder for samples.
	AfterEpoch func(ctx context.Context, m *Model, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// Recipe is nanoGPT's for small models, without the model.
func Recipe() TrainConfig {
	return TrainConfig{Rate: 1e-3, MinRate: 1e-4, Warmup: 100, Beta2: 0.99, Decay: 0.1, Clip: 1, Seed: 1}
}

func (c TrainConfig) validate() error {
	switch {
	case !(c.Rate > 0):
		return fmt.Errorf("gpt: rate is %g: it must be positive, such as 1e-3", c.Rate)
	case c.MinRate < 0 || c.MinRate > c.Rate:
		return fmt.Errorf("gpt: min_rate is %g: it must be 0 to rate, %g", c.MinRate, c.Rate)
	case c.Warmup < 0 || c.Warmup >= c.Total:
		return fmt.Errorf("gpt: warmup is %d of %d steps: it must be 0 or more, and less than all of them", c.Warmup, c.Total)
	case !(c.Beta2 > 0 && c.Beta2 < 1):
		return fmt.Errorf("gpt: beta2 is %g: it must be more than 0 and less than 1, such as 0.99", c.Beta2)
	case c.Decay < 0:
		return fmt.Errorf("gpt: decay is %g: it must be at least 0", c.Decay)
	case c.Clip < 0:
		return fmt.Errorf("gpt: clip is %g: it must be positive, or 0 for none", c.Clip)
	case c.Accumulate < 0:
		return fmt.Errorf("gpt: accumulate is %d: it must be at least 1, or 0 for 1", c.Accumulate)
	}
	return c.Model.Validate()
}

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

// Adam is the optimiser that GPTs are trained by: matrices decay, vectors don't (Brown et al., "Language models are few-shot
// learners", 2020, appendix B).
func Adam(rate nn.Schedule, decay float64) nn.AdamW {
	return nn.AdamW{Adam: nn.Adam{Rate: rate, Beta1: 0.9, Beta2: 0.95, Eps: 1e-8}, Decay: decay, Decays: nn.Matrices}
}

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it with the best weights that it had.
// data gives batches of tokens [batch, length] and the tokens that follow, as many, negative where the loss is to leave one out.
// The metrics are loss, in nats a token, and norm, the gradient's length before clipping. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	if cfg.Total == 0 {
		var before struct{ Total int }
		_ = train.ReadConfig(cfg.Run, id, &before) // a run that goes on, perhaps for more epochs, keeps its schedule
		cfg.Total = cmp.Or(before.Total, max(2, cfg.Epochs*data.Steps()))
	}
	if cfg.Accumulate == 0 {
		cfg.Accumulate = 1
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	adam := Adam(nn.WarmupCosine(cfg.Rate, cfg.MinRate, cfg.Warmup, cfg.Total), cfg.Decay)
	adam.Beta2 = cfg.Beta2
	job := train.Job{
		Model:   id,
		Config:  cfg,
		Seed:    cfg.Seed,
		Store:   m.run.Store,
		Step:    Step(m.net, adam, cfg.Clip, cfg.Accumulate),
		Metrics: []string{"loss", "norm"},
		Data:    data,
	}
	if cfg.Validation != nil {
		job.Evaluate = func(ctx context.Context) ([]train.Metric, error) {
			loss, err := m.Loss(ctx, cfg.Validation)
			if err != nil {
				return nil, err
			}
			return []train.Metric{{Name: "val_loss", Value: loss}}, m.keepBest(cfg.Run, loss)
		}
	}
	if cfg.AfterEpoch != nil {
		job.AfterEpoch = func(ctx context.Context, epoch int, samples string) error {
			return cfg.AfterEpoch(ctx, m, epoch, samples)
		}
	}
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, m.loadBest(cfg.Run)
}

// Step is the graph of one training step: it returns the loss and the gradient's length. The batch is computed in as many parts as
// accumulate says, one after the other, whose gradients are summed.
func Step(net *Net, adam nn.AdamW, clip float64, accumulate int) func(*model.Scope, []*graph.Node) []*graph.Node {
	params := nn.Trained(net)
	return func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		if len(inputs) != 2 || !inputs[0].Shape().EqualDimensions(inputs[1].Shape()) {
			panic(fmt.Errorf("gpt: a batch is tokens and labels of one shape, was given %d tensors", len(inputs)))
		}
		loss, grads := gradients(s, net, params, inputs[0], inputs[1], accumulate)
		clipped, norm := nn.ClipGlobalNorm(grads, orInfinity(clip))
		adam.Update(s, params, clipped)
		return []*graph.Node{loss, norm}
	}
}

func orInfinity(clip float64) float64 {
	if clip == 0 {
		return math.MaxFloat32
	}
	return clip
}

// gradients is the mean loss of a batch and its gradient.
func gradients(s *model.Scope, net *Net, params []*nn.Param, x, y *graph.Node, parts int) (loss *graph.Node, grads []*graph.Node) {
	if parts == 1 {
		loss = Loss(net.Forward(s, x), y)
		return loss, nn.Gradients(s, loss, params)
	}
	batch, length := x.Shape().Dim(0), x.Shape().Dim(1)
	if batch%parts != 0 {
		panic(fmt.Errorf("gpt: a batch of %d texts can't be computed in %d equal parts", batch, parts))
	}
	g := x.Graph()
	x, y = graph.Reshape(x, parts, batch/parts, length), graph.Reshape(y, parts, batch/parts, length)
	state := []*graph.Node{graph.Const(g, true), graph.Scalar(g, dtypes.Float32, 0), graph.Scalar(g, dtypes.Float32, 0)}
	own := len(state)
	for _, p := range params {
		state = append(state, graph.Zeros(g, shapes.Make(dtypes.Float32, p.Shape...)))
	}
	key := nn.NextKey(s, g)
	end := nn.Loop(parts, state, func(step *graph.Node, state []*graph.Node) []*graph.Node {
		nn.SeedGraph(s, nn.Fold(key, graph.ConvertDType(step, dtypes.Uint32)))
		part := func(all *graph.Node) *graph.Node { return graph.Squeeze(nn.TakeAt(all, step, 0), 0) }
		sum, count := LossSum(net.Forward(s, part(x)), part(y))
		next := []*graph.Node{state[0], graph.Add(state[1], sum), graph.Add(state[2], count)}
		for i, grad := range nn.Gradients(s, sum, params) {
			next = append(next, graph.Add(state[own+i], grad))
		}
		return next
	})
	nn.SeedGraph(s, key) // the loop's own keys stay in it
	count := graph.MaxScalar(end[2], 1)
	for _, sum := range end[own:] {
		grads = append(grads, graph.Div(sum, count))
	}
	return graph.Div(end[1], count), grads
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
	_, before := train.Series(records, "val_loss")
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
