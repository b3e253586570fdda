package rnn

import (
	"context"
	"errors"
	"fmt"

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
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	run := nn.NewRunner(id, b)
	root := run.Store.RootScope()
	return &Model{Config: c, Weights: torch.Of(root, net), net: net, run: run}, nn.Create(root, net, seed)
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
	if cfg.Rate == 0 {
		cfg.Rate = 2e-3
	}
	if cfg.Clip == 0 {
		cfg.Clip = 5
	}
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	if cfg.Start != "" {
		if err := m.Load(cfg.Start); err != nil {
			return nil, err
		}
	}
	if err := m.createState(data); err != nil {
		return nil, err
	}
	job := train.Job{
		Model:   id,
		Config:  cfg,
		Seed:    cfg.Seed,
		Store:   m.run.Store,
		Step:    Step(m.net, nn.NewAdam(cfg.Rate), cfg.Clip, data.Steps()),
		Metrics: []string{"loss"},
		Data:    data,
	}
	if cfg.Validation != nil {
		job.Evaluate = func(ctx context.Context) ([]train.Metric, error) {
			loss, err := m.Loss(ctx, cfg.Validation)
			return []train.Metric{{Name: "validation_loss", Value: loss}}, err
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
	return m, nil
}

// The carried state's variables: a checkpoint holds them, so that a resumed training goes on inside an epoch.
var stateNames = []string{"h", "c"}

func stateScope(s *model.Scope) *model.Scope { return s.At("carried") }

func (m *Model) createState(data train.Dataset) error {
	first, err := data.Batch(0, 0)
	if err != nil {
		return fmt.Errorf("making the first batch: %w", err)
	}
	if err := checkBatch(first); err != nil {
		return err
	}
	shape := shapes.Make(dtypes.Float32, m.Config.Layers, first[0].Shape().Dim(0), m.Config.Hidden)
	for _, name := range stateNames[:m.stateSize()] {
		v, err := stateScope(m.run.Store.RootScope()).CreateVariable(name, tensors.FromShape(shape))
		if err != nil {
			return fmt.Errorf("making the carried state: %w", err)
		}
		v.SetTrainable(false)
	}
	v, err := stateScope(m.run.Store.RootScope()).CreateVariable("step", tensors.FromValue(int32(0)))
	if err != nil {
		return fmt.Errorf("making the carried state: %w", err)
	}
	v.SetTrainable(false)
	return nil
}

// checkBatch holds what a data set gives against what [Train] says of it.
func checkBatch(batch []*tensors.Tensor) error {
	if len(batch) < 2 || batch[0].Rank() != 2 || !batch[0].Shape().Equal(batch[1].Shape()) {
		return errors.New("rnn: a batch must be two tensors of characters [batch, time]: those read and those that follow them")
	}
	return nil
}

func (m *Model) stateSize() int {
	if m.Config.Cell == "lstm" {
		return 2
	}
	return 1
}

// Step is the graph of one training step: forward from the carried state, gradients, their norm clipped, Adam. An epoch has the
// given number of steps.
func Step(net *Net, adam nn.Adam, clip float64, steps int) func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
	params := nn.Trained(net)
	return func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		x, y := inputs[0], inputs[1]
		g := x.Graph()
		counter := stateScope(s).GetVariable("step")
		step := counter.NodeValue(g)
		counter.SetNodeValue(graph.AddScalar(step, 1))
		fresh := graph.Equal(graph.ModScalar(step, steps), graph.ZerosLike(step))

		var carried []*model.Variable
		var init []*graph.Node
		for _, name := range stateNames {
			if v := stateScope(s).GetVariable(name); v != nil {
				value := v.NodeValue(g)
				carried = append(carried, v)
				init = append(init, graph.Where(fresh, graph.ZerosLike(value), value))
			}
		}
		logits, last := net.Forward(s, x, stateOf(init))
		for i, n := range states(last) {
			carried[i].SetNodeValue(n)
		}
		loss := graph.ReduceAllMean(nn.CrossEntropy(logits, y))
		grads := nn.Gradients(s, loss, params)
		if clip >= 0 {
			grads, _ = nn.ClipGlobalNorm(grads, clip)
		}
		adam.Update(s, params, grads)
		return []*graph.Node{loss}
	}
}

// Loss is the mean loss over one epoch of data, in nats a character, the state carried from batch to batch as in training.
func (m *Model) Loss(ctx context.Context, data train.Dataset) (float64, error) {
	if data.Steps() == 0 {
		return 0, errors.New("rnn: nothing to measure the loss on: the data set has no batch")
	}
	var sum float64
	var state []any
	for step := range data.Steps() {
		batch, err := data.Batch(0, step)
		if err != nil {
			return 0, fmt.Errorf("making batch %d: %w", step, err)
		}
		if err := checkBatch(batch); err != nil {
			return 0, err
		}
		if state == nil {
			for range m.stateSize() {
				state = append(state, tensors.FromShape(shapes.Make(dtypes.Float32, m.Config.Layers, batch[0].Shape().Dim(0), m.Config.Hidden)))
			}
		}
		out, err := m.run.Call(ctx, "measure the loss", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			logits, last := m.net.Forward(s, in[0], stateOf(in[2:]))
			return append([]*graph.Node{graph.ReduceAllMean(nn.CrossEntropy(logits, in[1]))}, states(last)...)
		}, append([]any{batch[0], batch[1]}, state...)...)
		if err != nil {
			return 0, err
		}
		sum += float64(tensors.ToScalar[float32](out[0]))
		for i, t := range out[1:] {
			state[i] = t
		}
	}
	return sum / float64(data.Steps()), nil
}
