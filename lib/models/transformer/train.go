package transformer

import (
	"context"
	"fmt"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// id is the model's name in runs and commands.
const id = "translator"

// Model is a translator with its weights, ready to use. Its methods may be called from one goroutine at a time.
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

// TrainConfig says how to train.
type TrainConfig struct {
	Model Config `json:"model"`
	// Rate is the factor of the learning rate, which rises for WarmUp steps, see [WarmUp]; 0 is 1 and 400 steps.
	Rate   float64 `json:"rate"`
	WarmUp int     `json:"warm_up"`
	// LabelSmoothing is the share of the loss that goes to all tokens alike, 0 to less than 1; the paper's is 0.1.
	LabelSmoothing float64 `json:"label_smoothing"`
	Seed           uint64  `json:"seed"` // of the first weights and dropout; the data set's order has its own
	// Data describes the data set, so that a run is gone on with the same one.
	Data any `json:"data,omitempty"`

	// Evaluate, when given, measures the model after each epoch.
	Evaluate func(ctx context.Context, m *Model) ([]train.Metric, error) `json:"-"`

	train.Options `json:"-"`
}

func (c *TrainConfig) complete() error {
	if c.Rate == 0 {
		c.Rate = 1
	}
	if c.WarmUp == 0 {
		c.WarmUp = 400
	}
	switch {
	case c.Rate < 0:
		return fmt.Errorf("transformer: rate is %g: it must be positive", c.Rate)
	case c.WarmUp < 0:
		return fmt.Errorf("transformer: warm_up is %d: it must be at least 1", c.WarmUp)
	case !(c.LabelSmoothing >= 0 && c.LabelSmoothing < 1):
		return fmt.Errorf("transformer: label_smoothing is %g: it must be at least 0 and less than 1", c.LabelSmoothing)
	}
	return c.Model.Validate()
}

// Train trains a translator in cfg.Run, from where an earlier call left off, and returns it. data gives batches of source, target and
// labels: integers [batch, length], the target after [Begin], the labels with [End], filled up with [Pad].
// The metrics are loss, in nats a token with smoothing, and accuracy, the share of tokens guessed right. Errors are those of
// [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset) (*Model, error) {
	if err := cfg.complete(); err != nil {
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
		Step:    Step(m.net, Adam(WarmUp(cfg.Model.DModel, cfg.WarmUp, cfg.Rate)), cfg.LabelSmoothing),
		Metrics: []string{"loss", "accuracy"},
		Data:    data,
	}
	if cfg.Evaluate != nil {
		job.Evaluate = func(ctx context.Context) ([]train.Metric, error) { return cfg.Evaluate(ctx, m) }
	}
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}
