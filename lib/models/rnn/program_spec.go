package rnn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/spec"
	"genlab/lib/torch"
)

// ProgramSpec declares the article's program to the rest of the house.
var ProgramSpec = &spec.Model{
	ID:        articleID,
	Section:   "Recurrent networks: the article's program",
	Heading:   heading,
	Needs:     "nothing: its data is random",
	Notebooks: []string{"05_rnn"},
	State:     "equal to PyTorch's steps; trained on the Opticks",
	Presets:   []spec.Preset{{Name: "default", About: "the article's", Config: DefaultArticle()}},
	Nets:      []spec.Net{{ID: articleID, Open: openArticle}},
	Step:      openProgramStep,
	Workloads: []*spec.Workload{{
		Name:      articleID,
		About:     "the article's RNN, a training step",
		Peer:      "rnn",
		Tolerance: 1e-4,
		Sizes:     spec.Sizes{"batch": 5, "length": 15, "input": 10, "hidden": 20, "output": 10},
		Tiny:      spec.Sizes{"length": 6},
		Growth:    map[string][]int{"length": {15, 30, 60, 120, 240, 480}},
		Aims:      [2]float64{5, 1.1},
		Open: func(z spec.Sizes) (*spec.Side, error) {
			c := ArticleConfig{InputSize: z["input"], HiddenSize: z["hidden"], OutputSize: z["output"]}
			return spec.StepSide(articleID, openProgramStep, c, map[int]int{spec.AnyBatch: z["batch"], spec.AnyLength: z["length"]})
		},
	}},
}

func sequences(c ArticleConfig) spec.Input {
	return spec.Input{Name: "x", DType: torch.F32, Shape: []int{spec.AnyBatch, spec.AnyLength, c.InputSize}}
}

func hiddenState(c ArticleConfig) spec.Input {
	return spec.Input{Name: "hidden", DType: torch.F32, Shape: []int{1, spec.AnyBatch, c.HiddenSize}, Values: spec.Zeros}
}

func openArticle(given spec.Config) (*spec.Pass, error) {
	c := DefaultArticle()
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewArticle(c)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    net,
		Inputs: []spec.Input{sequences(c), hiddenState(c)},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			logits, last := net.Forward(s, in[0], in[1])
			return map[string]*graph.Node{"output": logits, "hidden": last}
		},
		Sizes: map[int]int{spec.AnyBatch: 5, spec.AnyLength: 15},
	}, nil
}

// openProgramStep takes `steps` steps on one batch, the hidden state as it is given in each.
func openProgramStep(given spec.Config) (*spec.Training, error) {
	p := DefaultProgram()
	c := struct {
		ArticleConfig
		Rate  float64 `json:"lr"`
		Steps int     `json:"steps"`
	}{p.Model, p.Rate, 1}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return nil, err
	}
	if err := checkSteps(c.Steps); err != nil {
		return nil, err
	}
	net, err := NewArticle(c.ArticleConfig)
	if err != nil {
		return nil, err
	}
	p.Rate = c.Rate
	labels := spec.Input{Name: "labels", DType: torch.I64, Shape: []int{spec.AnyBatch, spec.AnyLength}, Below: c.OutputSize}
	return &spec.Training{
		Parts:  []spec.Part{{Module: net}},
		Inputs: []spec.Input{sequences(c.ArticleConfig), labels, hiddenState(c.ArticleConfig)},
		Names:  metrics,
		Step:   ProgramStep(net, p),
		Repeat: c.Steps,
	}, nil
}
