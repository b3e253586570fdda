package clip

import (
	"context"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// id is the model's name in runs and commands.
const id = "clip"

// Model is a CLIP with its weights, ready to use. Its methods may be called from one goroutine at a time.
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

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it. data gives batches of captions, int32 [batch, words]
// with 0 where one has ended, one token less than the model's texts, and their pictures [batch, size, size, channels] in [0, 1]. The metrics
// are loss and accuracy, and after each epoch those of cfg.Validation. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	cfg = cfg.filled()
	var err error
	if cfg.Total, err = cfg.Schedule(cfg.Total, id, "total", data); err != nil {
		return nil, err
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	step := Step(m.net, cfg)
	job := train.Job{
		Model: id, Config: cfg, Seed: cfg.Seed, Store: m.run.Store, Metrics: metrics, Data: data,
		Step: func(s *model.Scope, batch train.Batch) train.Stepped {
			if len(batch) > 0 {
				batch = append(train.Batch{cfg.Model.end(batch[0])}, batch[1:]...)
			}
			return step(s, batch)
		},
	}
	if cfg.Validation != nil {
		job.Evaluate = func(ctx context.Context) ([]train.Metric, error) {
			loss, accuracy, err := m.Measure(ctx, cfg.Validation)
			return []train.Metric{{Name: "validation_loss", Value: loss}, {Name: "validation_accuracy", Value: accuracy}}, err
		}
	}
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}

// end puts the last token, which says that a text ends, behind captions, int32 [batch, text length - 1]: [batch, text length].
func (c Config) end(captions *graph.Node) *graph.Node {
	text := nn.Lengthen(captions, 1, captions.Shape().Dim(1)+1)
	zero := graph.ConvertDType(graph.Equal(text, graph.ZerosLike(text)), dtypes.Int32)
	first := graph.Equal(graph.CumSum(zero, 1), graph.OnesLike(zero))
	ends := graph.LogicalAnd(first, graph.Equal(text, graph.ZerosLike(text)))
	return graph.Where(ends, graph.AddScalar(graph.ZerosLike(text), c.Vocab()-1), text)
}

// Measure gives the mean loss of batches, in nats a pair, and the share of pictures whose own caption is the nearest of the batch's.
func (m *Model) Measure(ctx context.Context, data train.Dataset) (loss, accuracy float64, err error) {
	var right float64
	loss, err = train.Mean(ctx, data, func(ctx context.Context, _ int, batch []*tensors.Tensor) (sum, count float64, err error) {
		if len(batch) < 2 {
			return 0, 0, fmt.Errorf("clip: is measured by captions and pictures, the data set gives %d tensors a batch", len(batch))
		}
		out, err := m.run.Call(ctx, "measure", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			logits := m.net.Logits(s, m.net.EncodePictures(s, in[1]), m.net.EncodeTexts(s, m.Config.end(in[0])))
			return []*graph.Node{Loss(logits), matched(logits)}
		}, batch[0], batch[1])
		if err != nil {
			return 0, 0, err
		}
		right += float64(tensors.ToScalar[float32](out[1])) / float64(data.Steps())
		return float64(tensors.ToScalar[float32](out[0])), 1, nil
	})
	return loss, right, err
}
