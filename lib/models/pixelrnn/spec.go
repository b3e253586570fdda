package pixelrnn

import (
	"errors"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn/pixels"
	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/train"
	"genlab/lib/train/pixelwise"
)

// Spec declares the model to the rest of the house.
var Spec = &spec.Model{
	ID:        id,
	Section:   "PixelRNN and PixelCNN",
	Heading:   "PixelRNN и PixelCNN: generate images pixel by pixel",
	Needs:     "MNIST, which comes with the module, or any folder of pictures",
	Notebooks: []string{"12_pixels"},
	State:     "equal to PyTorch's steps",
	Presets: []spec.Preset{
		{Name: "default", About: "Row LSTM, as many parameters as the default PixelCNN", Config: Default()},
		{Name: "bilstm", About: "Diagonal BiLSTM", Config: BiLSTM()},
		{Name: "seven", About: "seven layers of the Diagonal BiLSTM", Config: Seven()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{{ID: id, Open: open}, {ID: id + ".skew", Open: openSkew}},
	Step: openStep,
	Workloads: []*spec.Workload{{
		Name:      id,
		About:     "the Row LSTM, a training step",
		Peer:      id,
		Tolerance: 1e-4,
		Sizes:     spec.Sizes{"batch": 16, "side": 28, "hidden": 32, "layers": 4, "out_hidden": 64},
		Tiny:      spec.Sizes{"batch": 2, "side": 7, "hidden": 6, "layers": 2, "out_hidden": 8},
		Growth:    map[string][]int{"hidden": {16, 32, 64}, "layers": {1, 2, 4, 7}, "side": {14, 28, 56}},
		Aims:      [2]float64{3, 0},
		Open: func(z spec.Sizes) (*spec.Side, error) {
			free := map[int]int{spec.AnyBatch: z["batch"], spec.AnyHeight: z["side"], spec.AnyWidth: z["side"]}
			config := map[string]any{"variant": Row, "hidden": z["hidden"], "layers": z["layers"], "out_hidden": z["out_hidden"]}
			return spec.StepSide(id, openStep, config, free)
		},
	}},
}

// config is the published one as this package has it; pictures may have any size.
func config(given spec.Config) (TrainConfig, error) {
	d := Default()
	c := struct {
		Variant   Variant `json:"variant"`
		Channels  int     `json:"channels"`
		Levels    int     `json:"levels"`
		Hidden    int     `json:"hidden"`
		Layers    int     `json:"layers"`
		OutHidden int     `json:"out_hidden"`
		Kernel    int     `json:"kernel"`
		Rate      float64 `json:"lr"`
		Eps       float64 `json:"eps"`
	}{d.Variant, d.Channels, d.Levels, d.Hidden, d.Layers, d.OutHidden, d.Kernel, Recipe().Rate, 0}
	if err := given.Decode(&c); err != nil {
		return TrainConfig{}, err
	}
	if c.Eps < 0 {
		return TrainConfig{}, errors.New("--config: eps must be positive")
	}
	m := Config{c.Variant, c.Channels, c.Levels, c.Hidden, c.Layers, c.OutHidden, c.Kernel, d.Height, d.Width}
	return TrainConfig{Model: m, Rate: c.Rate, Eps: c.Eps}, spec.CheckRate(c.Rate)
}

// inputs are those of a pass and of a step.
func inputs(c Config) []spec.Input {
	return []spec.Input{{Name: "x", DType: torch.I64, Shape: []int{spec.AnyBatch, c.Channels, spec.AnyHeight, spec.AnyWidth}, Below: c.Levels}}
}

// levels are the input as a step takes it: channels last, values in [0, 1].
func levels(c Config, x *graph.Node) *graph.Node {
	return graph.DivScalar(graph.ConvertDType(graph.TransposeAllAxes(x, 0, 2, 3, 1), dtypes.Float32), float64(c.Levels-1))
}

func open(given spec.Config) (*spec.Pass, error) {
	t, err := config(given)
	if err != nil {
		return nil, err
	}
	net, err := NewNet(t.Model)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    net,
		Inputs: inputs(t.Model),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return pixels.Outputs(net, t.Model.Likelihood(), s, levels(t.Model, in[0]), nil)
		},
		Sizes: map[int]int{spec.AnyHeight: t.Model.Height, spec.AnyWidth: t.Model.Width},
	}, nil
}

func openStep(given spec.Config) (*spec.Training, error) {
	t, err := config(given)
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
			x := levels(t.Model, in[0])
			stepped := step(s, train.Batch{x, nil, graph.ZerosLike(x)})                                          // the noise leaves levels as they are
			stepped.Metrics[0] = graph.DivScalar(stepped.Metrics[0], float64(x.Shape().Size()/x.Shape().Dim(0))) // PyTorch's is the mean
			return stepped
		},
	}, nil
}

// openSkew opens the skewing of the Diagonal BiLSTM, without weights.
func openSkew(given spec.Config) (*spec.Pass, error) {
	if err := given.Decode(&struct{}{}); err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    struct{}{},
		Inputs: []spec.Input{{Name: "x", DType: torch.F32, Shape: []int{spec.AnyBatch, spec.AnyLength, spec.AnyHeight, spec.AnyWidth}}},
		Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			skewed := Skew(graph.TransposeAllAxes(in[0], 0, 2, 3, 1))
			back := Unskew(skewed, in[0].Shape().Dim(3))
			return map[string]*graph.Node{"skewed": graph.TransposeAllAxes(skewed, 0, 3, 1, 2), "unskewed": graph.TransposeAllAxes(back, 0, 3, 1, 2)}
		},
	}, nil
}
