package gan

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/spec"
	"genlab/lib/torch"
)

// Spec declares the model to the rest of the house.
var Spec = &spec.Model{
	ID:        id,
	Section:   "Generative adversarial network: points on a line and in a plane",
	Heading:   "Генеративно-состязательные сети: generator, discriminator, the loop",
	Needs:     "nothing: its points are drawn",
	Notebooks: []string{"01_gan"},
	State:     "equal to PyTorch's steps; the one for pictures trained on MNIST",
	Presets: []spec.Preset{
		{Name: "default", About: "for points in a plane", Config: Default()},
		{Name: "line", About: "for points on a line", Config: Line()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{{ID: id + ".generator", Open: openGenerator}, {ID: id + ".discriminator", Open: openDiscriminator}},
	Step: openStep,
}

func openGenerator(given spec.Config) (*spec.Pass, error) {
	c := Default()
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, _, err := NewNets(c)
	return pass(net, c.NZ), err
}

func openDiscriminator(given spec.Config) (*spec.Pass, error) {
	c := Default()
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	_, net, err := NewNets(c)
	return pass(net, c.Dims), err
}

func pass(net *Net, in int) *spec.Pass {
	return &spec.Pass{
		Net:    net,
		Inputs: []spec.Input{{Name: "input", DType: torch.F32, Shape: []int{spec.AnyBatch, in}}},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"output": net.Main.Forward(s, in[0])}
		},
	}
}

func openStep(given spec.Config) (*spec.Training, error) {
	recipe := Recipe()
	c := struct {
		Config
		Rate    float64    `json:"lr"`
		Loss    nn.GANLoss `json:"loss"`
		DSteps  int        `json:"d_steps"`
		Penalty float64    `json:"penalty"`
	}{Config: recipe.Model, Rate: recipe.Rate}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return nil, err
	}
	cfg := TrainConfig{Model: c.Config, Loss: c.Loss, DSteps: c.DSteps, Penalty: c.Penalty}.filled()
	cfg.Rate = c.Rate // 0 is 0 here
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	g, d, err := NewNets(c.Config)
	if err != nil {
		return nil, err
	}
	inputs := []spec.Input{
		{Name: "real", DType: torch.F32, Shape: []int{spec.AnyBatch, c.Dims}},
		{Name: "noise", DType: torch.F32, Shape: []int{cfg.DSteps, spec.AnyBatch, c.NZ}},
	}
	if cfg.Loss == nn.WGANGP {
		inputs = append(inputs, spec.Input{Name: "mix", DType: torch.F32, Shape: []int{cfg.DSteps, spec.AnyBatch}, Values: spec.Unit})
	}
	return &spec.Training{
		Parts:  []spec.Part{{Scope: generatorScope, Module: g}, {Scope: discriminatorScope, Module: d}},
		Inputs: inputs,
		Names:  metrics,
		Step:   Step(g, d, cfg),
	}, nil
}
