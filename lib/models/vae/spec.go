package vae

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
	Section:   "Variational autoencoder",
	Heading:   "Вариационные автоэнкодеры: architecture, loss, sampling from the latent space",
	Needs:     "MNIST, which comes with the module",
	Notebooks: []string{"03_vae"},
	State:     "equal to PyTorch's steps; trained on MNIST",
	Presets: []spec.Preset{
		{Name: "default", About: "the article's", Config: Default()},
		{Name: "plane", About: "a latent space that can be drawn", Config: Plane()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{{ID: id, Open: open}},
	Step: openStep,
	Figures: []spec.Figure{
		{Name: "vae, seed 1", Args: "train vae --epochs 10 --seed 1", Metric: "validation_loss", Unit: "nats a test image", PyTorch: "105.3", Bound: 106, Quick: "--epochs 1"},
		{Name: "vae, seed 2", Args: "train vae --epochs 10 --seed 2", Metric: "validation_loss", Unit: "nats a test image", PyTorch: "105.8", Bound: 106, Quick: "--epochs 1"},
	},
	Workloads: []*spec.Workload{{
		Name:      id,
		About:     "the article's VAE, a training step; the noise comes with the data",
		Peer:      "vae",
		Tolerance: 1e-4,
		Sizes:     spec.Sizes{"batch": 128, "input": 784, "hidden": 400, "latent": 20},
		Tiny:      spec.Sizes{"batch": 8, "input": 30, "hidden": 12, "latent": 3},
		Growth:    map[string][]int{"batch": {32, 64, 128, 256, 512, 1024}, "hidden": {200, 400, 800, 1600, 3200}},
		Aims:      [2]float64{1.3, 1.1},
		Open: func(z spec.Sizes) (*spec.Side, error) {
			return spec.StepSide(id, openStep, Config{z["input"], z["hidden"], z["latent"]}, map[int]int{spec.AnyBatch: z["batch"]})
		},
	}},
}

// inputs are those of a pass and of a step.
func inputs(c Config, eps bool) []spec.Input {
	return []spec.Input{
		{Name: "x", DType: torch.F32, Shape: []int{spec.AnyBatch, c.InputDim}, Values: spec.Unit},
		{Name: "eps", DType: torch.F32, Shape: []int{spec.AnyBatch, c.LatentDim}, Optional: !eps},
	}
}

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
		Inputs: inputs(c, false),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			x, eps := in[0], in[1]
			if eps == nil {
				eps = net.noise(s, x)
			}
			o := net.Forward(s, x, eps)
			bce, kl := o.Loss(x)
			return map[string]*graph.Node{
				"recon_x": graph.Sigmoid(o.Logits), "mu": o.Mu, "logvar": o.LogVar, "loss": graph.Add(bce, kl),
			}
		},
	}, nil
}

func openStep(given spec.Config) (*spec.Training, error) {
	recipe := Recipe()
	c := struct {
		Config
		Rate float64 `json:"lr"`
	}{recipe.Model, recipe.Rate}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return nil, err
	}
	net, err := NewNet(c.Config)
	if err != nil {
		return nil, err
	}
	step := Step(net, TrainConfig{Model: c.Config, Rate: c.Rate})
	return &spec.Training{
		Parts:  []spec.Part{{Module: net}},
		Inputs: inputs(c.Config, true),
		Names:  []string{"loss", "", ""},
		Step: func(s *model.Scope, batch train.Batch) train.Stepped {
			stepped := step(s, batch)
			examples := float64(batch[0].Shape().Dim(0))
			stepped.Metrics[0] = graph.MulScalar(stepped.Metrics[0], examples) // PyTorch's is summed
			return stepped
		},
	}, nil
}
