package dcgan

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Spec declares the model to the rest of the house.
var Spec = &spec.Model{
	ID:        id,
	Section:   "Generative adversarial network: DCGAN and its loop",
	Heading:   "Генеративно-состязательные сети: generator, discriminator, the loop",
	Needs:     "MNIST, or a folder of pictures",
	Notebooks: []string{"02_dcgan"},
	State:     "equal to PyTorch's steps; trained on MNIST",
	Presets: []spec.Preset{
		{Name: "digits", About: "narrow, small and grey, for MNIST", Config: Digits()},
		{Name: "default", About: "the article's", Config: Default()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{{ID: id + ".generator", Open: openGenerator}, {ID: id + ".discriminator", Open: openDiscriminator}},
	Step: openStep,
	Figures: []spec.Figure{{
		Name:   id,
		Args:   "train dcgan --size 64 --ngf 32 --ndf 16 --init pytorch --rate 6e-4 --epochs 5 --seed 11 --classifier {runs}/classifier",
		Metric: "frechet", Unit: "of Fréchet distance to the test digits", PyTorch: "158.4", Bound: 80,
		Quick: "--size 32 --ngf 8 --ndf 8 --epochs 1",
	}},
	Workloads: []*spec.Workload{
		{
			Name:      id,
			About:     "the article's DCGAN, an iteration: both models' steps",
			Peer:      id,
			Tolerance: partTolerance,
			Sizes:     spec.Sizes{"batch": 64, "nz": 100, "ngf": 64, "ndf": 64, "nc": 3, "size": 64},
			Tiny:      tinySizes,
			Growth:    map[string][]int{"batch": {8, 16, 32, 64}, "ngf": {8, 16, 32, 64}},
			Aims:      [2]float64{1, 1.5},
			Open:      openWorkload,
		},
		{
			Name:      id + "32",
			About:     "the article's DCGAN, an iteration: both models' steps, narrow, on grey pictures of 32 pixels",
			Peer:      id,
			Tolerance: partTolerance,
			Sizes:     spec.Sizes{"batch": 64, "nz": 100, "ngf": 32, "ndf": 16, "nc": 1, "size": 32},
			Tiny:      tinySizes,
			Open:      openWorkload,
		},
	},
}

// partTolerance is wide, for a GAN's numbers part quickly: PyTorch's own in single and in double precision do as far.
const partTolerance = 1e-2

var tinySizes = spec.Sizes{"batch": 4, "nz": 6, "ngf": 4, "ndf": 4, "nc": 1, "size": 32}

// openWorkload times a step that measures both losses, and no more.
func openWorkload(z spec.Sizes) (*spec.Side, error) {
	open := func(given spec.Config) (*spec.Training, error) {
		t, err := openStep(given)
		if err == nil {
			t.Names = []string{"loss_d", "loss_g", "", "", ""}
		}
		return t, err
	}
	c := Config{NZ: z["nz"], NGF: z["ngf"], NDF: z["ndf"], NC: z["nc"], ImageSize: z["size"]}
	return spec.StepSide(id, open, c, map[int]int{spec.AnyBatch: z["batch"]})
}

// Files have pictures channels-first, and noise as a picture of one pixel.

func fileNoise(c Config) spec.Input {
	return spec.Input{Name: "noise", DType: torch.F32, Shape: []int{spec.AnyBatch, c.NZ, 1, 1}}
}

func filePictures(c Config) spec.Input {
	return spec.Input{Name: "real", DType: torch.F32, Shape: []int{spec.AnyBatch, c.NC, c.ImageSize, c.ImageSize}, Values: spec.Signed}
}

func flatNoise(z *graph.Node) *graph.Node { return graph.Reshape(z, z.Shape().Dim(0), -1) }

func channelsLast(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 2, 3, 1) }

// openGenerator takes the arguments of the article's Generator.
func openGenerator(given spec.Config) (*spec.Pass, error) {
	c := Default()
	if err := given.Decode(&struct {
		NZ        *int `json:"nz"`
		NGF       *int `json:"ngf"`
		NC        *int `json:"nc"`
		ImageSize *int `json:"image_size"`
	}{&c.NZ, &c.NGF, &c.NC, &c.ImageSize}); err != nil {
		return nil, err
	}
	net, err := NewGenerator(c)
	if err != nil {
		return nil, err
	}
	input := fileNoise(c)
	input.Name = "input"
	return &spec.Pass{
		Net:    net,
		Inputs: []spec.Input{input},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			x := net.Forward(s, flatNoise(in[0]), nil)
			return map[string]*graph.Node{"output": graph.TransposeAllAxes(x, 0, 3, 1, 2)}
		},
	}, nil
}

// openDiscriminator takes the arguments of the article's Discriminator.
func openDiscriminator(given spec.Config) (*spec.Pass, error) {
	c := Default()
	if err := given.Decode(&struct {
		NDF       *int `json:"ndf"`
		NC        *int `json:"nc"`
		ImageSize *int `json:"image_size"`
	}{&c.NDF, &c.NC, &c.ImageSize}); err != nil {
		return nil, err
	}
	net, err := NewDiscriminator(c)
	if err != nil {
		return nil, err
	}
	input := filePictures(c)
	input.Name = "input"
	return &spec.Pass{
		Net:    net,
		Inputs: []spec.Input{input},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			p := net.Forward(s, channelsLast(in[0]), nil)
			return map[string]*graph.Node{"output": graph.InsertAxes(p, -1, -1, -1)}
		},
	}, nil
}

// openStep takes the arguments of both and of the loop, and the options that came after the article.
func openStep(given spec.Config) (*spec.Training, error) {
	recipe := Recipe()
	c := struct {
		Config
		Rate    float64    `json:"lr"`
		Betas   []float64  `json:"betas"`
		Loss    nn.GANLoss `json:"loss"`
		Smooth  float64    `json:"smooth"`
		Penalty float64    `json:"penalty"`
		DSteps  int        `json:"d_steps"`
		EMA     float64    `json:"ema"`
	}{Config: Default(), Rate: recipe.Rate, Betas: recipe.Betas[:]}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if len(c.Betas) != 2 {
		return nil, fmt.Errorf("--config: betas is %v: it must be two numbers", c.Betas)
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return nil, err
	}
	cfg := TrainConfig{Model: c.Config, Loss: c.Loss, Smooth: c.Smooth, Penalty: c.Penalty, DSteps: c.DSteps, EMA: c.EMA}.filled()
	cfg.Rate, cfg.Betas = c.Rate, [2]float64(c.Betas) // 0 is 0 here
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	g, err := NewGenerator(c.Config)
	if err != nil {
		return nil, err
	}
	d, err := NewDiscriminator(c.Config)
	if err != nil {
		return nil, err
	}
	t := &spec.Training{
		Parts:  []spec.Part{{Scope: generatorScope, Module: g}, {Scope: discriminatorScope, Module: d}},
		Inputs: []spec.Input{filePictures(c.Config), fileNoise(c.Config)},
		Names:  metrics,
	}
	if cfg.EMA > 0 {
		t.Parts = append(t.Parts, spec.Part{Scope: meanScope, Module: g})
	}
	if c.Classes > 0 {
		t.Inputs = append(t.Inputs, spec.Input{Name: "labels", DType: torch.I64, Shape: []int{spec.AnyBatch}, Below: c.Classes})
	}
	if cfg.Loss == nn.WGANGP {
		t.Inputs = append(t.Inputs, spec.Input{Name: "mix", DType: torch.F32, Shape: []int{spec.AnyBatch}, Values: spec.Unit})
	}
	step := Step(g, d, cfg)
	t.Step = func(s *model.Scope, in train.Batch) train.Stepped {
		pictures := graph.MulScalar(graph.OnePlus(channelsLast(in[0])), 0.5)
		batch, rest := train.Batch{pictures, nil, flatNoise(in[1]), nil}, in[2:]
		if c.Classes > 0 {
			batch[1], rest = rest[0], rest[1:]
		}
		if cfg.Loss == nn.WGANGP {
			batch[3] = rest[0]
		}
		return step(s, batch)
	}
	return t, nil
}
