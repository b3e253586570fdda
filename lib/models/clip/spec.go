package clip

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
	Section:   "DALL-E: what chooses among its pictures",
	Notebooks: []string{"20_dalle"},
	Needs:     "nothing: its scenes are made",
	State:     "equal to PyTorch's passes and steps; trained shortly on made scenes",
	Presets: []spec.Preset{
		{Name: "default", About: "for made scenes", Config: Default()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{{ID: id, Open: open, Printed: `{"vocab_size": 49408}`}},
	Step: openStep,
}

// decode reads a config under the names of openai/CLIP's constructor.
func decode(given spec.Config) (TrainConfig, *Net, error) {
	r := Recipe()
	c := struct {
		Config
		VocabSize int     `json:"vocab_size"`
		Rate      float64 `json:"lr"`
		Eps       float64 `json:"eps"`
		Decay     float64 `json:"weight_decay"`
	}{Config: r.Model, VocabSize: 100, Rate: r.Rate, Decay: r.Decay}
	if err := given.Decode(&c); err != nil {
		return r, nil, err
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return r, nil, err
	}
	c.vocab = c.VocabSize
	t := TrainConfig{Model: c.Config, Rate: c.Rate, Eps: c.Eps, Decay: c.Decay}
	if err := t.validate(); err != nil {
		return t, nil, err
	}
	net, err := NewNet(t.Model)
	return t, net, err
}

func inputs(c Config) []spec.Input {
	return []spec.Input{
		{Name: "image", DType: torch.F32, Shape: []int{spec.AnyBatch, c.Channels, c.ImageSize, c.ImageSize}},
		{Name: "text", DType: torch.I64, Shape: []int{spec.AnyBatch, c.TextLength}, Below: c.Vocab()},
	}
}

func channelsLast(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 2, 3, 1) }

func open(given spec.Config) (*spec.Pass, error) {
	t, net, err := decode(given)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net: net, Inputs: inputs(t.Model), Loss: "loss",
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			pictures, texts := net.EncodePictures(s, channelsLast(in[0])), net.EncodeTexts(s, in[1])
			logits := net.Logits(s, pictures, texts)
			return map[string]*graph.Node{"image_embeds": pictures, "text_embeds": texts, "logits_per_image": logits, "loss": Loss(logits)}
		},
	}, nil
}

func openStep(given spec.Config) (*spec.Training, error) {
	t, net, err := decode(given)
	if err != nil {
		return nil, err
	}
	step := Step(net, t)
	return &spec.Training{
		Parts: []spec.Part{{Module: net}}, Inputs: inputs(t.Model), Names: []string{"loss", ""},
		Step: func(s *model.Scope, in train.Batch) train.Stepped {
			return step(s, train.Batch{in[1], channelsLast(in[0])})
		},
	}, nil
}
