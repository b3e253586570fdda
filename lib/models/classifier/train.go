package classifier

import (
	"cmp"
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
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	run := nn.NewRunner(id, b)
	root := run.Store.RootScope()
	return &Model{Config: c, Weights: torch.Of(root, net), net: net, run: run}, nn.Create(root, net, seed)
}

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it.
// data gives batches of pictures [batch, size, size, channels] with values in [0, 1], and labels int32 [batch].
// The metrics are loss, in nats a picture, and after each epoch accuracy, of cfg.Test. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.Rate == 0 {
		cfg.Rate = 2e-3
	}
	if cfg.Steps == 0 {
		var before struct{ Steps int }
		_ = train.ReadConfig(cfg.Run, id, &before) // a run that goes on, perhaps for more epochs, keeps its schedule
		cfg.Steps = cmp.Or(before.Steps, cfg.Epochs*data.Steps())
	}
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	job := train.Job{
		Model: id, Config: cfg, Seed: cfg.Seed, Store: m.run.Store,
		Step: step(m.net, cfg), Metrics: []string{"loss"}, Data: data,
	}
	if cfg.Test != nil {
		job.Evaluate = func(ctx context.Context) ([]train.Metric, error) {
			accuracy, err := m.Accuracy(ctx, cfg.Test)
			return []train.Metric{{Name: "accuracy", Value: accuracy}}, err
		}
	}
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}

// step is the graph of one training step.
func step(net *Net, cfg TrainConfig) func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
	adam := nn.NewAdam(cfg.Rate)
	adam.Rate = func(step *graph.Node) *graph.Node {
		left := graph.OneMinus(graph.DivScalar(step, float64(cfg.Steps+1)))
		return graph.MulScalar(graph.MaxScalar(left, 0), cfg.Rate)
	}
	params := nn.Trained(net)
	return func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		if len(inputs) < 2 {
			panic(fmt.Errorf("classifier: trains on pictures and labels, the data set gives %d tensors a batch", len(inputs)))
		}
		_, logits := net.Forward(s, inputs[0])
		loss := graph.ReduceAllMean(nn.CrossEntropy(logits, inputs[1]))
		adam.Update(s, params, nn.Gradients(s, loss, params))
		return []*graph.Node{loss}
	}
}

// Accuracy is the part of one epoch's pictures whose class the model tells.
func (m *Model) Accuracy(ctx context.Context, data train.Dataset) (float64, error) {
	right, all := 0, 0
	for step := range data.Steps() {
		batch, err := data.Batch(0, step)
		if err != nil {
			return 0, fmt.Errorf("making batch %d: %w", step, err)
		}
		if len(batch) < 2 {
			return 0, fmt.Errorf("classifier: accuracy is of pictures and labels, the data set gives %d tensors a batch", len(batch))
		}
		out, err := m.run.Call(ctx, "classify", m.build, batch[0])
		if err != nil {
			return 0, err
		}
		classes := out[1].Value().([]int32)
		for i, label := range batch[1].Value().([]int32) {
			if classes[i] == label {
				right++
			}
		}
		all += len(classes)
	}
	if all == 0 {
		return 0, errors.New("classifier: nothing to measure the accuracy on: the data set has no pictures")
	}
	return float64(right) / float64(all), nil
}

func (m *Model) build(s *model.Scope, inputs []*graph.Node) []*graph.Node {
	features, logits := m.net.Forward(s, inputs[0])
	return []*graph.Node{features, graph.ArgMax(logits, -1)}
}

// chunk is how many pictures are looked at at once.
const chunk = 250

// Features gives what the model sees in pictures, [features] each, and their classes.
// pictures: [size, size, channels] flat, values in [0, 1].
func (m *Model) Features(ctx context.Context, pictures [][]float32) (features [][]float32, classes []int, err error) {
	c := m.Config
	d := c.Size * c.Size * c.Channels
	for i, p := range pictures {
		if len(p) != d {
			return nil, nil, fmt.Errorf("classifier: picture %d has %d values, the model takes %d (%d high, %d wide, %d channels)",
				i, len(p), d, c.Size, c.Size, c.Channels)
		}
	}
	for from := 0; from < len(pictures); from += chunk {
		n := min(chunk, len(pictures)-from)
		// Always a whole chunk, so that one compiled graph serves any number.
		x := tensors.FromShape(shapes.Make(dtypes.Float32, chunk, c.Size, c.Size, c.Channels))
		err := tensors.MutableFlatData(x, func(flat []float32) {
			for i := range n {
				copy(flat[i*d:], pictures[from+i])
			}
		})
		if err != nil {
			return nil, nil, fmt.Errorf("classifier: %w", err)
		}
		out, err := m.run.Call(ctx, "classify", m.build, x)
		if err != nil {
			return nil, nil, err
		}
		features = append(features, out[0].Value().([][]float32)[:n]...)
		for _, class := range out[1].Value().([]int32)[:n] {
			classes = append(classes, int(class))
		}
	}
	return features, classes, nil
}
