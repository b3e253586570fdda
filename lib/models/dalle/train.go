package dalle

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// The models' names in runs and commands.
const (
	id     = "dalle"
	dvaeID = "dvae"
)

// Model is both stages with their weights, ready to draw. Its methods may be called from one goroutine at a time.
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

// Train trains the transformer in cfg.Run on the codes of cfg.DVAE's run, from where an earlier call left off, and returns both. data gives
// batches of texts, int32 [batch, text length], and pictures [batch, size, size, channels] in [0, 1]. The metrics are loss, loss_text and
// loss_image, in nats a token, and after each epoch validation_loss, of cfg.Validation. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	cfg = cfg.filled()
	pictures, err := OpenPictures(cfg.DVAE)
	if err != nil {
		return nil, err
	}
	cfg.Model.Pictures = pictures.Config
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
	if err := m.take(pictures); err != nil {
		return nil, err
	}
	job := train.Job{
		Model: id, Config: cfg, Seed: cfg.Seed, Store: m.run.Store,
		Step: Step(m.net.Transformer, m.net.Pictures.Encode, cfg).First(2), Metrics: metrics, Data: data,
	}
	job.Evaluate = train.Measured("validation_loss", cfg.Validation, m.Loss)
	job.AfterEpoch = train.WithModel(cfg.AfterEpoch, m)
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}

// take copies the weights of what turns pictures to codes, so that a run holds all that drawing needs.
func (m *Model) take(p *Pictures) error {
	state, err := torch.Save(p.run.Store.RootScope(), p.net)
	if err != nil {
		return err
	}
	own := &torch.StateDict{}
	for _, name := range state.Names() {
		t, _ := state.Get(name)
		own.Set("dvae."+name, t)
	}
	return torch.LoadOnto(m.run.Backend, m.run.Store.RootScope(), &struct {
		Pictures *DVAE `nn:"dvae"`
	}{m.net.Pictures}, own, false)
}

// Loss is the mean nats a code of one epoch of data, given the caption and the codes before it.
func (m *Model) Loss(ctx context.Context, data train.Dataset) (float64, error) {
	return train.Mean(ctx, data, func(ctx context.Context, _ int, batch []*tensors.Tensor) (sum, count float64, err error) {
		if len(batch) < 2 {
			return 0, 0, fmt.Errorf("dalle: the loss is of texts and pictures, the data set gives %d tensors a batch", len(batch))
		}
		out, err := m.run.Call(ctx, "measure the loss", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			codes := graph.Reshape(m.net.Pictures.Encode(s, in[1]), in[1].Shape().Dim(0), -1)
			_, _, loss := m.net.Transformer.Loss(s, in[0], codes, 1)
			return []*graph.Node{loss}
		}, batch[0], batch[1])
		if err != nil {
			return 0, 0, err
		}
		n := float64(batch[0].Shape().Dim(0))
		return n * float64(tensors.ToScalar[float32](out[0])), n, nil
	})
}
