package cyclegan

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
	ID:        id,
	Section:   "Artistic images: what a GAN does for art, unpaired translation",
	Heading:   "Художественные изображения: перевод из одного вида в другой без пар",
	Needs:     "MNIST, which comes with the module, or two folders of pictures",
	Notebooks: []string{"16_art"},
	State:     "equal to PyTorch's passes and steps; trained on two styles of digits",
	Presets: []spec.Preset{
		{Name: "digits", About: "narrow, small and grey", Config: Digits()},
		{Name: "default", About: "the paper's for 128×128", Config: Default()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{{ID: id + ".generator", Open: openGenerator}, {ID: id + ".discriminator", Open: openDiscriminator}},
	Step: openStep,
	Figures: []spec.Figure{
		{Name: "outlines", Args: "train classifier --outlined --epochs 2", Metric: "accuracy", Unit: "of the outlined test digits told right", Bound: 0.975, More: true, Quick: "--epochs 1"},
		{
			Name: id, Args: "train cyclegan --classifier-a {runs}/classifier --classifier-b {runs}/outlines",
			Metric: "kept_there_b", Unit: "of the outlined test digits keep their class as digits", Bound: 0.92, More: true, Quick: "--digits 40 --epochs 1",
		},
	},
}

// Files have pictures channels-first, in [-1, 1].

func filePictures(name string, c Config) spec.Input {
	return spec.Input{Name: name, DType: torch.F32, Shape: []int{spec.AnyBatch, c.Channels, c.Size, c.Size}, Values: spec.Signed}
}

func channelsLast(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 2, 3, 1) }

func channelsFirst(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 3, 1, 2) }

func openGenerator(given spec.Config) (*spec.Pass, error) {
	c := Default()
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	g, err := NewGenerator(c)
	if err != nil {
		return nil, err
	}
	return pass(g, c, g.Forward), nil
}

func openDiscriminator(given spec.Config) (*spec.Pass, error) {
	c := Default()
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	d, err := NewDiscriminator(c)
	if err != nil {
		return nil, err
	}
	return pass(d, c, d.Forward), nil
}

func pass(net any, c Config, forward func(*model.Scope, *graph.Node) *graph.Node) *spec.Pass {
	return &spec.Pass{
		Net:    net,
		Inputs: []spec.Input{filePictures("input", c)},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"output": channelsFirst(forward(s, channelsLast(in[0])))}
		},
	}
}

func openStep(given spec.Config) (*spec.Training, error) {
	recipe := Recipe()
	c := struct {
		Config
		Rate     float64   `json:"lr"`
		Betas    []float64 `json:"betas"`
		Eps      float64   `json:"eps"`
		Steps    int       `json:"steps"`
		Cycle    float64   `json:"cycle"`
		Identity float64   `json:"identity"`
		Pool     int       `json:"pool"`
	}{Default(), recipe.Rate, recipe.Betas[:], 1e-8, 0, recipe.Cycle, recipe.Identity, recipe.Pool}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if len(c.Betas) != 2 {
		return nil, fmt.Errorf("--config: betas is %v: it must be two numbers", c.Betas)
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return nil, err
	}
	cfg := TrainConfig{
		Model: c.Config, Rate: c.Rate, Betas: [2]float64(c.Betas), Eps: c.Eps, Steps: c.Steps, Cycle: c.Cycle, Identity: c.Identity, Pool: c.Pool,
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	nets, err := NewNets(c.Config)
	if err != nil {
		return nil, err
	}
	step := Step(nets, cfg)
	t := &spec.Training{
		Parts: []spec.Part{
			{Scope: genA, Module: nets.G}, {Scope: genB, Module: nets.G}, {Scope: discA, Module: nets.D}, {Scope: discB, Module: nets.D},
		},
		Inputs: []spec.Input{filePictures("real_A", c.Config), filePictures("real_B", c.Config)},
		Names:  metrics,
	}
	if c.Pool > 0 {
		t.Inputs = append(t.Inputs, spec.Input{Name: "draws", DType: torch.F32, Shape: []int{4, spec.AnyBatch}, Values: spec.Unit})
	}
	t.Step = func(s *model.Scope, in train.Batch) train.Stepped {
		unsigned := func(x *graph.Node) *graph.Node { return graph.MulScalar(graph.OnePlus(channelsLast(x)), 0.5) }
		return step(s, append(train.Batch{unsigned(in[0]), unsigned(in[1])}, in[2:]...))
	}
	return t, nil
}
