package bert

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
	Section:   "BERT",
	Notebooks: []string{"09_bert"},
	Heading:   "BERT: masked words, sentences by meaning, question answering; proteins",
	Needs:     "a text; or pretrained weights, by genlab data minilm",
	State:     "equal to transformers' forward passes and steps; MiniLM and AntiBERTy as published",
	Presets: []spec.Preset{
		{Name: "default", About: "4 layers of 128", Config: Default(0)},
		{Name: "minilm", About: "6 layers of 384, all-MiniLM-L6-v2's", Config: MiniLM()},
		{Name: "base", About: "BERT-base, 110 M parameters", Config: Base()},
		{Name: "tiny", Config: Tiny(0)},
	},
	Nets: []spec.Net{
		{ID: "bert.model", Open: openEncoder},
		{ID: "bert.mlm", Open: openNet},
		{ID: "bert.embedding", Open: openEmbedding},
	},
	Step:   openStep,
	StepID: "bert.mlm",
}

// texts are the inputs that every net takes.
func texts(c Config) []spec.Input {
	one := func(name string, below int, optional bool) spec.Input {
		return spec.Input{
			Name: name, DType: torch.I64, Shape: []int{spec.AnyBatch, spec.AnyLength}, Below: below, Longest: c.Longest(), Optional: optional,
		}
	}
	return []spec.Input{
		one("input_ids", c.VocabSize, false), one("attention_mask", 2, true), one("token_type_ids", max(c.Types, 1), true),
		one("position_ids", c.Longest(), true),
	}
}

// labels are those of masked pieces.
func labels(c Config, optional bool) spec.Input {
	in := texts(c)[0]
	in.Name, in.Ignored, in.Optional = "labels", Ignore, optional
	return in
}

func text(in []*graph.Node) Text { return Text{in[0], in[1], in[2], in[3]} }

// undropped is Hugging Face's default config without dropout, as parity has it.
func undropped() Config {
	c := Base()
	c.Dropout, c.AttnDropout = 0, 0
	return c
}

// encoderConfig has the arguments of BertModel's constructor and of what is made of its output.
type encoderConfig struct {
	Config
	Pooler    bool `json:"add_pooling_layer"`
	Normalize bool `json:"normalize"`
}

func decodeEncoder(given spec.Config) (*Encoder, encoderConfig, error) {
	c := encoderConfig{Config: undropped(), Pooler: true, Normalize: true}
	if err := given.Decode(&c); err != nil {
		return nil, c, err
	}
	e, err := NewEncoder(c.Config)
	if err == nil && !c.Pooler {
		e.Pooler = nil
	}
	return e, c, err
}

func openEncoder(given spec.Config) (*spec.Pass, error) {
	e, c, err := decodeEncoder(given)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    e,
		Inputs: texts(c.Config),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			out := map[string]*graph.Node{"last_hidden_state": e.Forward(s, text(in))}
			if e.Pooler != nil {
				out["pooler_output"] = e.Pooler.Forward(s, out["last_hidden_state"])
			}
			return out
		},
		Sizes: map[int]int{spec.AnyLength: c.Context},
	}, nil
}

func openEmbedding(given spec.Config) (*spec.Pass, error) {
	e, c, err := decodeEncoder(given)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    e,
		Inputs: texts(c.Config),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			mean := Mean(e.Forward(s, text(in)), in[1])
			unit := Unit(mean)
			out := map[string]*graph.Node{"embedding": mean, "similarity": graph.EinsumAxes(unit, unit, [][2]int{{1, 1}}, nil)}
			if c.Normalize {
				out["embedding"] = unit
			}
			return out
		},
		Sizes: map[int]int{spec.AnyLength: c.Context},
	}, nil
}

func openNet(given spec.Config) (*spec.Pass, error) {
	c := undropped()
	c.Head = MaskedLM
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewNet(c)
	if err != nil {
		return nil, err
	}
	if !c.Head.predicts() {
		return nil, fmt.Errorf("--config: head is %q: it must be %q or %q", c.Head, MaskedLM, Pretraining)
	}
	return &spec.Pass{
		Net:    net,
		Inputs: append(texts(c), labels(c, true)),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			out := map[string]*graph.Node{"logits": net.Logits(s, text(in))}
			if in[4] != nil {
				out["loss"] = net.Loss(out["logits"], in[4])
			}
			return out
		},
		Loss:  "loss",
		Sizes: map[int]int{spec.AnyLength: c.Context},
	}, nil
}

func openStep(given spec.Config) (*spec.Training, error) {
	c := struct {
		Config
		Rate  float64    `json:"lr"`
		Betas [2]float64 `json:"betas"`
		Eps   float64    `json:"eps"`
	}{undropped(), 1e-3, [2]float64{0.9, 0.999}, 1e-8}
	c.Head = MaskedLM
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
	step := Step(net, TrainConfig{Model: c.Config, Rate: c.Rate, Beta1: c.Betas[0], Beta2: c.Betas[1], Eps: c.Eps})
	return &spec.Training{
		Parts:  []spec.Part{{Module: net}},
		Inputs: append(texts(c.Config), labels(c.Config, false)),
		Names:  metrics,
		Step: func(s *model.Scope, in train.Batch) train.Stepped {
			return step(s, train.Batch{in[0], in[4], in[1], in[2], in[3]})
		},
	}, nil
}
