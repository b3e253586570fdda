package transformer

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/spec"
	"genlab/lib/torch"
)

// Spec declares the translator, and the nets that lead to it, to the rest of the house.
var Spec = &spec.Model{
	ID:        id,
	Folder:    "transformer",
	Section:   "Transformer: encoder, decoder, translation",
	Heading:   "Трансформеры: MultiHeadAttention, TransformerBlock, Encoder; translation",
	Needs:     "nothing: its pairs are made; or help pages, by genlab data help-pages; or a file of pairs",
	Notebooks: []string{"07_attention", "08_translation"},
	State:     "equal to PyTorch's; trained on made pairs and on help pages",
	Presets: []spec.Preset{
		{Name: "small", About: "learns made phrases in minutes", Config: Small(0)},
		{Name: "pages", About: "learns sentences of help pages", Config: Pages(0)},
		{Name: "base", About: "the paper's base model", Config: Default(0)},
		{Name: "tiny", Config: Tiny(0)},
	},
	Nets: []spec.Net{
		{ID: "attention", Open: openAttention},
		{ID: "encoder", Open: openEncoder, Printed: `{"variant": "published"}`},
		{ID: "transformer", Open: openCore},
		{ID: id, Open: openTranslator},
	},
	Step: openStep,
	Figures: []spec.Figure{
		figure("translator, German", "de"),
		figure("translator, Russian", "ru"),
	},
	Workloads: []*spec.Workload{encoderForward, encoderTrain, translate},
}

func figure(name, language string) spec.Figure {
	return spec.Figure{
		Name: name, Args: "train translator --to " + language + " --epochs 3 --held-out 10000", Metric: "exact",
		Unit: "of 10,000 held-out phrases exact", Bound: 0.99, More: true, Quick: "--epochs 1 --pairs 2000 --held-out 100",
	}
}

func openAttention(given spec.Config) (*spec.Pass, error) {
	article := DefaultEncoder()
	c := AttentionConfig{EmbedSize: article.EmbedSize, Heads: article.Heads, Variant: article.Variant}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewMultiHeadAttention(c)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net: net,
		Inputs: []spec.Input{
			{Name: "values", DType: torch.F32, Shape: []int{spec.AnyBatch, spec.AnyKeys, c.EmbedSize}},
			{Name: "keys", DType: torch.F32, Shape: []int{spec.AnyBatch, spec.AnyKeys, c.EmbedSize}},
			{Name: "query", DType: torch.F32, Shape: []int{spec.AnyBatch, spec.AnyLength, c.EmbedSize}},
			{Name: "mask", DType: spec.Mask, Shape: []int{spec.AnyBatch, 1, spec.AnyLength, spec.AnyKeys}, Optional: true},
		},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			out, _ := net.Forward(s, in[0], in[1], in[2], in[3])
			return map[string]*graph.Node{"out": out}
		},
		Sizes: map[int]int{spec.AnyKeys: article.MaxLength, spec.AnyLength: article.MaxLength},
	}, nil
}

func openEncoder(given spec.Config) (*spec.Pass, error) {
	c := DefaultEncoder()
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewEncoder(c)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net: net,
		Inputs: []spec.Input{
			{Name: "x", DType: torch.I64, Shape: []int{spec.AnyBatch, spec.AnyLength}, Below: net.WordEmbedding.Num, Longest: c.MaxLength},
			{Name: "mask", DType: spec.Mask, Shape: []int{spec.AnyBatch, 1, 1, spec.AnyLength}, Optional: true},
		},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			out, _ := net.Forward(s, in[0], in[1])
			return map[string]*graph.Node{"out": out}
		},
		Sizes: map[int]int{spec.AnyLength: c.MaxLength},
	}, nil
}

// openCore is nn.Transformer; padding is true where a position is to be left out, as PyTorch has it.
func openCore(given spec.Config) (*spec.Pass, error) {
	c := Base()
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewCore(c)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net: net,
		Inputs: []spec.Input{
			{Name: "src", DType: torch.F32, Shape: []int{spec.AnyBatch, spec.AnyKeys, c.DModel}},
			{Name: "tgt", DType: torch.F32, Shape: []int{spec.AnyBatch, spec.AnyLength, c.DModel}},
			{Name: "src_padding", DType: torch.BOOL, Shape: []int{spec.AnyBatch, spec.AnyKeys}, Optional: true},
			{Name: "tgt_padding", DType: torch.BOOL, Shape: []int{spec.AnyBatch, spec.AnyLength}, Optional: true},
		},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			not := func(padding *graph.Node) *graph.Node {
				if padding == nil {
					return nil
				}
				return graph.LogicalNot(padding)
			}
			out, _ := net.Forward(s, in[0], in[1], not(in[2]), not(in[3]))
			return map[string]*graph.Node{"out": out}
		},
		Sizes: map[int]int{spec.AnyKeys: 10, spec.AnyLength: 10},
	}, nil
}

// texts are the inputs of one batch.
func texts(c Config) []spec.Input {
	return []spec.Input{
		{Name: "src", DType: torch.I64, Shape: []int{spec.AnyBatch, spec.AnyKeys}, Below: c.SourceVocab, Longest: c.MaxLength},
		{Name: "tgt", DType: torch.I64, Shape: []int{spec.AnyBatch, spec.AnyLength}, Below: c.TargetVocab, Longest: c.MaxLength},
	}
}

func openTranslator(given spec.Config) (*spec.Pass, error) {
	c := Default(4)
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewNet(c)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    net,
		Inputs: texts(c),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			logits, _ := net.Forward(s, in[0], in[1])
			return map[string]*graph.Node{"logits": logits}
		},
		Sizes: map[int]int{spec.AnyKeys: 10, spec.AnyLength: 10},
	}, nil
}

func openStep(given spec.Config) (*spec.Training, error) {
	c := struct {
		Config
		Factor    float64 `json:"factor"`
		WarmUp    int     `json:"warm_up"`
		Smoothing float64 `json:"label_smoothing"`
		Eps       float64 `json:"eps"`
	}{Default(4), 1, 4000, 0.1, 1e-9}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	training := TrainConfig{Model: c.Config, Rate: c.Factor, WarmUp: c.WarmUp, LabelSmoothing: c.Smoothing, Eps: c.Eps}
	if err := training.validate(); err != nil {
		return nil, err
	}
	net, err := NewNet(c.Config)
	if err != nil {
		return nil, err
	}
	labels := spec.Input{Name: "labels", DType: torch.I64, Shape: []int{spec.AnyBatch, spec.AnyLength}, Below: c.TargetVocab}
	return &spec.Training{
		Parts:  []spec.Part{{Module: net}},
		Inputs: append(texts(c.Config), labels),
		Names:  []string{"loss", ""},
		Step:   Step(net, training),
	}, nil
}
