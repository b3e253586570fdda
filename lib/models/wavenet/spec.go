package wavenet

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Spec declares the model to the rest of the house.
var Spec = &spec.Model{
	ID:        id,
	Section:   "WaveNet: speech, sample by sample",
	Notebooks: []string{"13_wavenet"},
	Heading:   "Авторегрессионные модели: WaveNet",
	Needs:     "spoken digits or a folder of recordings; tones are made where there is none",
	State:     "equal to PyTorch's steps; trained on spoken digits",
	Presets: []spec.Preset{
		{Name: "default", About: "hears 32 ms of 8 kHz", Config: Default()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{
		{ID: id, Open: opener((*Net).Forward, true)},
		{ID: id + ".incremental", Open: opener((*Net).Incremental, false)},
		{ID: id + ".mulaw", Open: openMuLaw},
	},
	Step: openStep,
	Figures: []spec.Figure{
		{Name: "wavenet, made tones", Args: "train wavenet --preset tiny", Metric: "validation_loss", Unit: "bits a sample of held-out tones", Bound: 5.1, Quick: "--epochs 1"},
	},
	Workloads: []*spec.Workload{{
		Name:      id,
		About:     "WaveNet, a training step on µ-law codes",
		Peer:      "wavenet",
		Tolerance: 1e-4,
		Sizes:     spec.Sizes{"batch": 4, "length": 2048, "layers": 8, "blocks": 2, "channels": 32},
		Tiny:      spec.Sizes{"batch": 2, "length": 30, "layers": 3, "blocks": 2, "channels": 5},
		Growth:    map[string][]int{"length": {512, 1024, 2048, 4096}, "blocks": {1, 2, 4}, "channels": {16, 32, 64}},
		Aims:      [2]float64{1.2, 1.0},
		Open: func(z spec.Sizes) (*spec.Side, error) {
			c := Config{
				Layers: z["layers"], Blocks: z["blocks"], Dilation: z["channels"], Residual: z["channels"], Skip: 2 * z["channels"],
				End: 2 * z["channels"], Classes: 256, Kernel: 2, Bias: true,
			}
			return spec.StepSide(id, openStep, c, map[int]int{spec.AnyBatch: z["batch"], spec.AnyLength: z["length"]})
		},
	}},
}

// inputs are those of a pass and of a step.
func inputs(c Config) []spec.Input {
	list := []spec.Input{{Name: "x", DType: torch.I64, Shape: []int{spec.AnyBatch, spec.AnyLength}, Below: c.Classes}}
	if c.Global > 0 {
		list = append(list, spec.Input{Name: "global", DType: torch.F32, Shape: []int{spec.AnyBatch, c.Global}})
	}
	if c.Local > 0 {
		list = append(list, spec.Input{Name: "local", DType: torch.F32, Shape: []int{spec.AnyBatch, c.Local, spec.AnyLength}})
	}
	return list
}

// given is what a file's inputs after x tell the net: PyTorch has the channels before the time.
func (n *Net) given(rest train.Batch) Condition {
	c := n.condition(rest)
	if c.Local != nil {
		c.Local = graph.Transpose(c.Local, 1, 2)
	}
	return c
}

// opener opens the net with one of its two ways to the same logits.
func opener(forward func(*Net, *model.Scope, *graph.Node, Condition) *graph.Node, loss bool) func(spec.Config) (*spec.Pass, error) {
	return func(given spec.Config) (*spec.Pass, error) {
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
			Inputs: inputs(c),
			Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
				out := map[string]*graph.Node{"logits": graph.Transpose(forward(net, s, in[0], net.given(in[1:])), 1, 2)}
				if loss {
					out["nll"] = net.Loss(s, in[0], net.given(in[1:]))
				}
				return out
			},
			Sizes: map[int]int{spec.AnyLength: 64},
		}, nil
	}
}

// openMuLaw is [Encode] and [Decode], which have no parameters.
func openMuLaw(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Classes int `json:"classes"`
	}{Default().Classes}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	whole := Default()
	whole.Classes = c.Classes
	if err := whole.Validate(); err != nil {
		return nil, err
	}
	return &spec.Pass{
		Inputs: []spec.Input{
			{Name: "x", DType: torch.F32, Shape: []int{spec.AnyLength}, Values: spec.Signed},
			{Name: "codes", DType: torch.I64, Shape: []int{spec.AnyBatch}, Below: c.Classes},
		},
		Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{
				"encoded": graph.ConvertDType(Encode(in[0], c.Classes), dtypes.Int64), "decoded": Decode(in[1], c.Classes),
			}
		},
	}, nil
}

func openStep(given spec.Config) (*spec.Training, error) {
	recipe := Recipe()
	c := struct {
		Config
		Rate float64 `json:"lr"`
		Eps  float64 `json:"eps"`
	}{recipe.Model, recipe.Rate, 0}
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
	step := Step(net, TrainConfig{Model: c.Config, Rate: c.Rate, Eps: c.Eps})
	return &spec.Training{
		Parts:  []spec.Part{{Module: net}},
		Inputs: inputs(c.Config),
		Names:  metrics,
		Step: func(s *model.Scope, batch train.Batch) train.Stepped {
			if c.Local > 0 {
				last := len(batch) - 1
				batch[last] = graph.Transpose(batch[last], 1, 2) // PyTorch has the channels before the time
			}
			stepped := step(s, batch)
			stepped.Metrics[0] = graph.MulScalar(stepped.Metrics[0], math.Ln2) // PyTorch's is in nats
			return stepped
		},
	}, nil
}
