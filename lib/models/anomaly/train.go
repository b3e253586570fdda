package anomaly

import (
	"context"
	"fmt"
	"math"
	"slices"

	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// id is the model's name in runs and commands.
const id = "anomaly"

// Model is a trained detector, ready to use. Its methods may be called from one goroutine at a time.
type Model struct {
	Config        TrainConfig
	Threshold     float64 // of [Scores.Score]: a row above it is flagged
	torch.Weights         // Save and Load

	net *Net
	run *nn.Runner
}

// newModel makes a model with fresh weights, which the seed decides.
func newModel(c TrainConfig) (*Model, error) {
	net, err := NewNet(c.Model)
	if err != nil {
		return nil, err
	}
	run, weights, err := train.Fresh(id, net, c.Seed)
	if err != nil {
		return nil, err
	}
	return &Model{Config: c, Weights: weights, net: net, run: run}, nil
}

// Train learns normal rows in cfg.Run, from where an earlier call left off, sets the threshold by their scores, and returns the model. Sensors that
// don't change in them are left out: those of the model are in its Config. The metrics are loss, nll and kl, in nats a window. Errors
// are those of [train.Run], and rows that can't be learnt.
func Train(ctx context.Context, cfg TrainConfig, normal Rows) (*Model, error) {
	cfg = cfg.filled()
	sensors, _, err := Fit(normal, cfg.Scaling)
	if err != nil {
		return nil, err
	}
	cfg.Sensors, cfg.Model.Sensors = sensors, len(sensors)
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if need := cfg.Model.Window + 1; len(normal.Values) < need {
		return nil, fmt.Errorf("anomaly: there are %d normal rows: there must be at least %d, one more than the window", len(normal.Values), need)
	}
	m, err := newModel(cfg)
	if err != nil {
		return nil, err
	}
	w, err := m.windows(normal)
	if err != nil {
		return nil, err
	}
	job := train.Job{
		Model: id, Config: cfg, Seed: cfg.Seed, Store: m.run.Store, Step: Step(m.net, cfg).First(2), Metrics: metrics, Data: w,
	}
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	if err := m.calibrate(ctx, w); err != nil {
		return nil, err
	}
	return m, writeThreshold(cfg.Run, m.Threshold)
}

// calibrate sets the threshold by the scores of normal rows.
func (m *Model) calibrate(ctx context.Context, w windows) error {
	scores, err := m.score(ctx, w)
	if err != nil {
		return err
	}
	normal := slices.DeleteFunc(scores.Score, math.IsNaN)
	m.Threshold, err = m.Config.Alarm.Threshold(normal)
	return err
}

// Flags says which scores raise an alarm. A NaN does not.
func (m *Model) Flags(scores []float64) []bool {
	flags := make([]bool, len(scores))
	for i, s := range scores {
		flags[i] = s > m.Threshold
	}
	return flags
}
