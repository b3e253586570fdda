package rnn

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/spec"
	"genlab/lib/torch"
)

// heading is the article's section of both declarations.
const heading = "Авторегрессионные модели: RNN, LSTM"

// Spec declares the language model of characters to the rest of the house.
var Spec = &spec.Model{
	ID:        id,
	Folder:    "rnn",
	Section:   "Recurrent networks: text, character by character",
	Heading:   heading,
	Needs:     "a text; by default the Opticks, which comes with Go",
	Notebooks: []string{"05_rnn"},
	State:     "equal to PyTorch's steps; trained on the Opticks",
	Presets: []spec.Preset{
		{Name: "default", About: "one layer of 256 LSTM cells", Config: Default()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{{ID: id, Open: open}},
	Step: openStep,
	Figures: []spec.Figure{
		{Name: "lstm, Opticks", Args: "train lstm", Metric: "validation_loss", Unit: "nats a character of the validation text", PyTorch: "1.483", Bound: 1.52, Quick: "--epochs 1"},
	},
	Workloads: []*spec.Workload{layer},
}

// letters is the vocabulary of a net whose config names none.
const letters = "abcdefghijklmnopqrstuvwxyz "

// open is a pass of the language model; without a state it begins at zeros.
func open(given spec.Config) (*spec.Pass, error) {
	c := Default()
	c.Vocab = letters
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewNet(c)
	if err != nil {
		return nil, err
	}
	state := []int{c.Layers, spec.AnyBatch, c.Hidden}
	inputs := []spec.Input{characters("x", c), {Name: "hidden", DType: torch.F32, Shape: state, Optional: true}}
	if c.Cell == "lstm" {
		inputs = append(inputs, spec.Input{Name: "cell", DType: torch.F32, Shape: state, Optional: true})
	}
	return &spec.Pass{
		Net:    net,
		Inputs: inputs,
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			given := net.RNN.ZeroState(in[0].Graph(), in[0].Shape().Dim(0))
			if in[1] != nil {
				given.H = in[1]
			}
			if len(in) > 2 && in[2] != nil {
				given.C = in[2]
			}
			logits, last := net.Forward(s, in[0], given)
			out := map[string]*graph.Node{"logits": logits, "hidden": last.H}
			if last.C != nil {
				out["cell"] = last.C
			}
			return out
		},
		Sizes: map[int]int{spec.AnyLength: 64},
	}, nil
}

func characters(name string, c Config) spec.Input {
	return spec.Input{Name: name, DType: torch.I64, Shape: []int{spec.AnyBatch, spec.AnyLength}, Below: len([]rune(c.Vocab))}
}

// openStep is a training's step; an epoch, at whose beginning the state is zero, has `steps` of them.
func openStep(given spec.Config) (*spec.Training, error) {
	recipe := Recipe()
	c := struct {
		Config
		Rate  float64 `json:"lr"`
		Clip  float64 `json:"clip"`
		Steps int     `json:"steps"`
	}{recipe.Model, recipe.Rate, recipe.Clip, math.MaxInt32}
	c.Vocab = letters
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return nil, err
	}
	if err := checkSteps(c.Steps); err != nil {
		return nil, err
	}
	net, err := NewNet(c.Config)
	if err != nil {
		return nil, err
	}
	return &spec.Training{
		Parts:  []spec.Part{{Module: net}},
		Inputs: []spec.Input{characters("x", c.Config), characters("labels", c.Config)},
		Names:  metrics,
		Step:   Step(net, TrainConfig{Model: c.Config, Rate: c.Rate, Clip: c.Clip}, c.Steps),
	}, nil
}

func checkSteps(steps int) error {
	if steps < 1 {
		return fmt.Errorf("--config: steps is %d: it must be at least 1", steps)
	}
	return nil
}

var layer = &spec.Workload{
	Name:      id,
	About:     "an LSTM layer: forward, backward, Adam; the loss is the mean square of all outputs",
	Peer:      "lstm",
	Tolerance: 1e-3,
	Sizes:     spec.Sizes{"batch": 32, "length": 128, "hidden": 512},
	Tiny:      spec.Sizes{"batch": 3, "length": 7, "hidden": 8},
	Growth:    map[string][]int{"length": {16, 32, 64, 128, 256}, "batch": {8, 16, 32, 64}, "hidden": {64, 128, 256, 512}},
	Aims:      [2]float64{1.2, 1.1},
	Open: func(z spec.Sizes) (*spec.Side, error) {
		net := nn.Name(&struct {
			RNN *nn.Recurrent `nn:"rnn"`
		}{nn.NewRecurrent(nn.RecurrentConfig{Cell: nn.LSTMCell, Input: z["hidden"], Hidden: z["hidden"], BatchFirst: true})})
		x := spec.Given{Name: "x", Value: spec.NewDraw().Normal(z["batch"], z["length"], z["hidden"])}
		return spec.AdamSide(id, net, 1e-3, []spec.Given{x}, func(s *model.Scope, in []*graph.Node) *graph.Node {
			y, _ := net.RNN.Forward(s, in[0], net.RNN.ZeroState(in[0].Graph(), z["batch"]), nil)
			return graph.ReduceAllMean(graph.Square(y))
		})
	},
}
