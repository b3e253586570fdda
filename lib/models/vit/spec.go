package vit

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Spec declares the model to the rest of the house.
var Spec = &spec.Model{
	ID:        id,
	Section:   "Vision Transformer: telling what pictures show",
	Notebooks: []string{"19_vit"},
	Heading:   "ViT: patches as a sequence, classification",
	Needs:     "MNIST, which comes with the module",
	State:     "equal to PyTorch's passes and steps; trained on MNIST",
	Presets: []spec.Preset{
		{Name: "default", About: "for MNIST's digits", Config: Default()},
		{Name: "tiny", Config: Tiny()},
		{Name: "base", About: "ViT-B/16", Config: Base()},
	},
	Nets: []spec.Net{{ID: id, Open: open}},
	Step: openStep,
	Figures: []spec.Figure{
		{Name: id, Args: "train vit", Metric: "accuracy", Unit: "of the test digits told right", Bound: 0.975, More: true, Quick: "--epochs 1"},
	},
	Workloads: []*spec.Workload{{
		Name:      id,
		About:     "ViT of Ti's width on pictures of 32×32, a training step",
		Peer:      "vit",
		Tolerance: 1e-4,
		Sizes:     spec.Sizes{"batch": 64, "image": 32, "patch": 4, "embed": 192, "layers": 12, "heads": 3},
		Tiny:      spec.Sizes{"batch": 3, "image": 8, "embed": 12, "layers": 2},
		Growth:    map[string][]int{"patch": {2, 4, 8, 16}, "embed": {96, 192, 384}},
		Aims:      [2]float64{1.3, 1.0},
		Open: func(z spec.Sizes) (*spec.Side, error) {
			c := Base()
			c.ImageSize, c.PatchSize, c.Embed, c.Layers, c.Heads = z["image"], z["patch"], z["embed"], z["layers"], z["heads"]
			c.Inner, c.Classes = 4*c.Embed, 10
			return spec.StepSide(id, openStep, c, map[int]int{spec.AnyBatch: z["batch"]})
		},
	}},
}

// filePictures has pictures channels-first, as files have them, of the model's size or of any.
func filePictures(c Config, any bool) spec.Input {
	height, width := c.ImageSize, c.ImageSize
	if any {
		height, width = spec.AnyHeight, spec.AnyWidth
	}
	return spec.Input{Name: "pixel_values", DType: torch.F32, Shape: []int{spec.AnyBatch, c.Channels, height, width}}
}

func channelsLast(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 2, 3, 1) }

func open(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Config
		AnySize bool `json:"interpolate_pos_encoding"`
	}{Config: Base()}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewNet(c.Config)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    net,
		Inputs: []spec.Input{filePictures(c.Config, c.AnySize)},
		Sizes:  map[int]int{spec.AnyHeight: c.ImageSize, spec.AnyWidth: c.ImageSize},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			o := net.Forward(s, channelsLast(in[0]))
			outputs := map[string]*graph.Node{
				"logits": o.Logits, "hidden_states": graph.Stack(o.Hidden, 0), "attentions": graph.Stack(o.Attentions, 0),
			}
			if o.Teacher != nil {
				outputs["cls_logits"], outputs["distillation_logits"] = o.Class, o.Teacher
			}
			return outputs
		},
	}, nil
}

func openStep(given spec.Config) (*spec.Training, error) {
	c := struct {
		Config
		Rate      float64 `json:"lr"`
		Eps       float64 `json:"eps"`
		Decay     float64 `json:"weight_decay"`
		Smoothing float64 `json:"label_smoothing"`
		WarmUp    int     `json:"warm_up"`
		Steps     int     `json:"steps"`
	}{Config: Base(), Rate: Recipe().Rate}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return nil, err
	}
	cfg := TrainConfig{Model: c.Config, Rate: c.Rate, Eps: c.Eps, Decay: c.Decay, Smoothing: c.Smoothing, WarmUp: c.WarmUp, Steps: c.Steps}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	net, err := NewNet(c.Config)
	if err != nil {
		return nil, err
	}
	step := Step(net, cfg)
	labels := spec.Input{Name: "labels", DType: torch.I64, Shape: []int{spec.AnyBatch}, Below: c.Classes}
	inputs := []spec.Input{filePictures(c.Config, false), labels}
	if c.Distilled {
		labels.Name = "teacher"
		inputs = append(inputs, labels)
	}
	return &spec.Training{
		Parts:  []spec.Part{{Module: net}},
		Inputs: inputs,
		Names:  metrics,
		Step: func(s *model.Scope, in train.Batch) train.Stepped {
			return step(s, append(train.Batch{channelsLast(in[0])}, in[1:]...))
		},
	}, nil
}
