package classifier

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Spec declares the model to the rest of the house.
var Spec = &spec.Model{
	ID:      id,
	Section: "none: what measures the samples of others",
	Needs:   "MNIST, which comes with the module",
	State:   "equal to PyTorch's steps; trained on MNIST",
	Presets: []spec.Preset{{Name: "default", About: "for MNIST's digits", Config: Default()}, {Name: "tiny", Config: Tiny()}},
	Nets:    []spec.Net{{ID: id, Open: open}},
	Step:    openStep,
	Figures: []spec.Figure{
		{Name: id, Args: "train classifier", Metric: "accuracy", Unit: "of the test digits told right", Bound: 0.992, More: true, Quick: "--epochs 1"},
	},
}

// filePictures has pictures channels-first, as files have them.
func filePictures(c Config) spec.Input {
	return spec.Input{Name: "x", DType: torch.F32, Shape: []int{spec.AnyBatch, c.Channels, c.Size, c.Size}, Values: spec.Unit}
}

func channelsLast(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 2, 3, 1) }

func open(given spec.Config) (*spec.Pass, error) {
	c := Default()
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewNet(c)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    net,
		Inputs: []spec.Input{filePictures(c)},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			features, logits := net.Forward(s, channelsLast(in[0]))
			return map[string]*graph.Node{"features": features, "logits": logits}
		},
	}, nil
}

func openStep(given spec.Config) (*spec.Training, error) {
	recipe := Recipe()
	c := struct {
		Config
		Rate    float64 `json:"lr"`
		Steps   int     `json:"steps"`
		Dropout float64 `json:"dropout"`
	}{recipe.Model, recipe.Rate, 0, dropout}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return nil, err
	}
	if c.Steps < 1 {
		return nil, fmt.Errorf("--config: steps is %d: it must be at least 1, those of the whole training", c.Steps)
	}
	if !(c.Dropout >= 0 && c.Dropout <= 1) {
		return nil, fmt.Errorf("--config: dropout is %g: it must be 0 to 1", c.Dropout)
	}
	cfg := TrainConfig{Model: c.Config, Rate: c.Rate, Steps: c.Steps}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	net, err := NewNet(c.Config)
	if err != nil {
		return nil, err
	}
	net.Drop.P = c.Dropout
	step := Step(net, cfg)
	return &spec.Training{
		Parts: []spec.Part{{Module: net}},
		Inputs: []spec.Input{
			filePictures(c.Config), {Name: "labels", DType: torch.I64, Shape: []int{spec.AnyBatch}, Below: c.Classes},
		},
		Names: metrics,
		Step: func(s *model.Scope, in train.Batch) train.Stepped {
			return step(s, train.Batch{channelsLast(in[0]), in[1]})
		},
	}, nil
}
