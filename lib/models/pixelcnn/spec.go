package pixelcnn

import (
	"errors"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/nn/pixels"
	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/train"
	"genlab/lib/train/pixelwise"
)

// Spec declares the model of the second paper to the rest of the house, and the first paper's net.
var Spec = &spec.Model{
	ID:        id,
	Section:   "PixelRNN and PixelCNN",
	Heading:   "PixelRNN и PixelCNN: generate images pixel by pixel",
	Needs:     "MNIST, which comes with the module, or any folder of pictures",
	Notebooks: []string{"12_pixels"},
	State:     "equal to PyTorch's steps; trained on MNIST",
	Presets: []spec.Preset{
		{Name: "default", About: "black and white digits, gated layers in two stacks", Config: Default()},
		{Name: "first", About: "the first paper's network", Config: First()},
		{Name: "digits", About: "by class", Config: Digits()},
		{Name: "large", About: "for a long training", Config: Large()},
		{Name: "colour", About: "pictures of 32×32 in RGB, by a mixture of logistic distributions", Config: Colour()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{
		{ID: id, Open: func(c spec.Config) (*spec.Pass, error) { return open(c, false) }},
		{ID: id + ".gated", Open: func(c spec.Config) (*spec.Pass, error) { return open(c, true) }},
		{ID: id + ".masked_conv", Open: openMasked},
	},
	Step: func(c spec.Config) (*spec.Training, error) { return openStep(c, false) },
	Figures: []spec.Figure{{
		Name: "pixelcnn", Args: "train pixelcnn", Metric: "validation_loss", Unit: "nats a test picture", Bound: 89.5, Quick: "--preset tiny --epochs 1",
	}},
	Workloads: []*spec.Workload{
		{
			Name:      id,
			About:     "the gated PixelCNN, a training step",
			Peer:      id,
			Tolerance: 1e-4,
			Sizes:     spec.Sizes{"batch": 16, "side": 28, "hidden": 32, "layers": 6, "out_hidden": 64},
			Tiny:      spec.Sizes{"batch": 2, "side": 7, "hidden": 6, "layers": 2, "out_hidden": 8},
			Growth:    map[string][]int{"hidden": {16, 32, 64}, "layers": {3, 6, 12}, "side": {14, 28, 56}},
			Aims:      [2]float64{1.2, 1},
			Open: func(z spec.Sizes) (*spec.Side, error) {
				free := map[int]int{spec.AnyBatch: z["batch"], spec.AnyHeight: z["side"], spec.AnyWidth: z["side"]}
				return spec.StepSide(id, GatedSpec.Step, sizes(z), free)
			},
		},
		{
			Name:      id + "-draw",
			About:     "the gated PixelCNN, drawing pictures; the others compute all of the network for each pixel; white pixels are compared",
			Peer:      id,
			Tolerance: 1e-3,
			Sizes:     spec.Sizes{"number": 16, "side": 28, "hidden": 32, "layers": 6, "out_hidden": 64},
			Tiny:      spec.Sizes{"number": 2, "side": 7, "hidden": 6, "layers": 2, "out_hidden": 8},
			Aims:      [2]float64{20, 0},
			Open:      drawSide,
		},
	},
}

// GatedSpec is the step of the second paper's net under its own name.
var GatedSpec = &spec.Model{
	ID:     id + ".gated",
	Folder: id,
	Step:   func(c spec.Config) (*spec.Training, error) { return openStep(c, true) },
}

// sizes are a workload's as the published config has them.
func sizes(z spec.Sizes) map[string]int {
	return map[string]int{"hidden": z["hidden"], "layers": z["layers"], "out_hidden": z["out_hidden"]}
}

func drawSide(z spec.Sizes) (*spec.Side, error) {
	c := Default()
	c.Hidden, c.Layers, c.OutHidden = z["hidden"], z["layers"], z["out_hidden"]
	net, err := NewNet(c)
	if err != nil {
		return nil, err
	}
	noise := spec.Given{Name: "noise", Value: spec.NewDraw().Uniform(0, 1, z["side"], z["side"], z["number"], 1)}
	return spec.GraphSide(id, []spec.Part{{Module: net}}, []spec.Given{noise}, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.ReduceAllSum(pixels.Draw(s, net, c.Likelihood(), in[0], nil))}
	})
}

// published is the config as PyTorch's class takes it.
type published struct {
	Channels    int     `json:"channels"`
	Levels      int     `json:"levels"`
	Mixtures    int     `json:"mixtures"`
	Hidden      int     `json:"hidden"`
	Layers      int     `json:"layers"`
	OutHidden   int     `json:"out_hidden"`
	Kernel      int     `json:"kernel"`
	InnerKernel int     `json:"inner_kernel"`
	Classes     int     `json:"classes"`
	Rate        float64 `json:"lr"`
	Eps         float64 `json:"eps"`
}

// config is the published one as this package has it; pictures may have any size.
func config(given spec.Config, gated bool) (TrainConfig, error) {
	d := Default()
	c := published{d.Channels, d.Levels, d.Mixtures, d.Hidden, d.Layers, d.OutHidden, d.Kernel, d.InnerKernel, d.Classes, Recipe().Rate, 0}
	if err := given.Decode(&c); err != nil {
		return TrainConfig{}, err
	}
	if c.Eps < 0 {
		return TrainConfig{}, errors.New("--config: eps must be positive")
	}
	m := Config{gated, c.Channels, c.Levels, c.Mixtures, c.Hidden, c.Layers, c.OutHidden, c.Kernel, c.InnerKernel, c.Classes, d.Height, d.Width}
	return TrainConfig{Model: m, Rate: c.Rate, Eps: c.Eps}, spec.CheckRate(c.Rate)
}

// inputs are those of a pass and of a step.
func inputs(c Config) []spec.Input {
	return []spec.Input{
		{Name: "x", DType: torch.I64, Shape: []int{spec.AnyBatch, c.Channels, spec.AnyHeight, spec.AnyWidth}, Below: c.Levels},
		{Name: "y", DType: torch.I64, Shape: []int{spec.AnyBatch}, Below: c.Classes, Optional: c.Classes == 0},
	}
}

// batch is the inputs as a step takes them: channels last, levels in [0, 1], and noise by which they stay what they are.
func batch(c Config, in []*graph.Node) train.Batch {
	x := graph.DivScalar(graph.ConvertDType(graph.TransposeAllAxes(in[0], 0, 2, 3, 1), dtypes.Float32), float64(c.Levels-1))
	return train.Batch{x, in[1], graph.ZerosLike(x)}
}

func open(given spec.Config, gated bool) (*spec.Pass, error) {
	t, err := config(given, gated)
	if err != nil {
		return nil, err
	}
	c := t.Model
	p, err := c.Painter()
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    p.Net,
		Inputs: inputs(c),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			b := batch(c, in)
			return pixels.Outputs(p.Net, c.Likelihood(), s, b[0], p.Class(b[1]))
		},
		Sizes: map[int]int{spec.AnyHeight: c.Height, spec.AnyWidth: c.Width},
	}, nil
}

func openStep(given spec.Config, gated bool) (*spec.Training, error) {
	t, err := config(given, gated)
	if err != nil {
		return nil, err
	}
	p, err := t.Model.Painter()
	if err != nil {
		return nil, err
	}
	step := pixelwise.Step(p, t)
	return &spec.Training{
		Parts:  []spec.Part{{Module: p.Net}},
		Inputs: inputs(t.Model),
		Names:  []string{"loss", ""},
		Step: func(s *model.Scope, in train.Batch) train.Stepped {
			b := batch(t.Model, in)
			stepped := step(s, b)
			stepped.Metrics[0] = graph.DivScalar(stepped.Metrics[0], float64(b[0].Shape().Size()/b[0].Shape().Dim(0))) // PyTorch's is the mean
			return stepped
		},
	}, nil
}

func openMasked(given spec.Config) (*spec.Pass, error) {
	c := struct {
		In      int    `json:"in_channels"`
		Out     int    `json:"out_channels"`
		Kernel  int    `json:"kernel_size"`
		Mask    string `json:"mask"`
		Colours int    `json:"colours"`
	}{1, 1, 3, "A", 1}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	switch {
	case c.In < 1 || c.Out < 1 || c.Colours < 1:
		return nil, errors.New("--config: in_channels, out_channels and colours must be at least 1")
	case c.Kernel < 1 || c.Kernel%2 == 0:
		return nil, errors.New("--config: kernel_size must be odd")
	case c.Mask != "A" && c.Mask != "B":
		return nil, errors.New(`--config: mask must be "A" or "B"`)
	}
	mask := nn.MaskA
	if c.Mask == "B" {
		mask = nn.MaskB
	}
	net := nn.Name(nn.NewMaskedConv(nn.MaskConfig{In: c.In, Out: c.Out, Kernel: [2]int{c.Kernel, c.Kernel}, Mask: mask, Colours: c.Colours}))
	return &spec.Pass{
		Net:    net,
		Inputs: []spec.Input{{Name: "input", DType: torch.F32, Shape: []int{spec.AnyBatch, c.In, spec.AnyHeight, spec.AnyWidth}}},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			y := net.Forward(s, graph.TransposeAllAxes(in[0], 0, 2, 3, 1))
			return map[string]*graph.Node{"output": graph.TransposeAllAxes(y, 0, 3, 1, 2)}
		},
	}, nil
}
