package transformer

import (
	"context"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/spec"
)

var encoderSizes = struct{ timed, tiny spec.Sizes }{
	spec.Sizes{"batch": 8, "length": 100, "embed": 512, "layers": 6, "heads": 8, "expansion": 4, "vocab": 100},
	spec.Sizes{"batch": 2, "length": 9, "embed": 16, "layers": 2, "heads": 2, "vocab": 20},
}

var encoderForward = &spec.Workload{
	Name:      "encoder-forward",
	About:     "the article's encoder, a pass forward",
	Peer:      "transformer",
	Tolerance: 1e-3,
	Sizes:     encoderSizes.timed,
	Tiny:      encoderSizes.tiny,
	Aims:      [2]float64{1.1, 1.0},
	Open: func(z spec.Sizes) (*spec.Side, error) {
		net, inputs, err := timedEncoder(z)
		if err != nil {
			return nil, err
		}
		return spec.GraphSide("encoder-forward", []spec.Part{{Module: net}}, inputs, func(s *model.Scope, in []*graph.Node) []*graph.Node {
			return []*graph.Node{net.meanSquare(s, in)}
		})
	},
}

var encoderTrain = &spec.Workload{
	Name:      "encoder-train",
	About:     "the article's encoder, a training step without dropout",
	Peer:      "transformer",
	Tolerance: 1e-3,
	Sizes:     encoderSizes.timed,
	Tiny:      encoderSizes.tiny,
	Growth:    map[string][]int{"length": {25, 50, 100, 200, 400}, "layers": {1, 2, 4, 6}, "embed": {128, 256, 512, 1024}, "batch": {2, 4, 8, 16}},
	Aims:      [2]float64{1.1, 1.0},
	Open: func(z spec.Sizes) (*spec.Side, error) {
		net, inputs, err := timedEncoder(z)
		if err != nil {
			return nil, err
		}
		return spec.AdamSide("encoder-train", net, 1e-4, inputs, net.meanSquare)
	},
}

// timedEncoder is the article's, corrected, with tokens and a mask that lets all be seen.
func timedEncoder(z spec.Sizes) (*Encoder, []spec.Given, error) {
	net, err := NewEncoder(EncoderConfig{
		EmbedSize: z["embed"], NumLayers: z["layers"], Heads: z["heads"], ForwardExpansion: z["expansion"],
		MaxLength: z["length"], VocabSize: z["vocab"], Variant: Corrected,
	})
	if err != nil {
		return nil, nil, err
	}
	d := spec.NewDraw()
	mask := d.Uniform(1, 1, z["batch"], 1, 1, z["length"])
	return net, []spec.Given{{Name: "x", Value: d.Tokens(0, z["vocab"], z["batch"], z["length"])}, {Name: "mask", Value: mask}}, nil
}

// meanSquare is a loss to time the encoder by: of the first half of each output, for of the whole it would be one, whatever the weights.
func (e *Encoder) meanSquare(s *model.Scope, in []*graph.Node) *graph.Node {
	out, _ := e.Forward(s, in[0], in[1])
	return graph.ReduceAllMean(graph.Square(graph.Slice(out, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(0, e.Config.EmbedSize/2))))
}

// translate is a beam search of texts side by side. What is compared is the log probability of each text's best translation.
var translate = &spec.Workload{
	Name:      "translate",
	About:     "a translator's beam search, 8 texts at once, 100 tokens each; the best translations' log probabilities are compared",
	Peer:      "transformer",
	Tolerance: 1e-3,
	Sizes:     spec.Sizes{"batch": 8, "source": 23, "beam": 4, "new": 100, "vocab": 1000, "layers": 2, "heads": 4, "embed": 128, "inner": 512},
	Tiny:      spec.Sizes{"batch": 3, "source": 5, "beam": 2, "new": 6, "vocab": 20, "layers": 1, "heads": 2, "embed": 16, "inner": 24},
	Growth:    map[string][]int{"batch": {1, 2, 4, 8, 16, 32, 64}, "new": {10, 20, 40, 80}},
	Aims:      [2]float64{5, 0},
	Open: func(z spec.Sizes) (*spec.Side, error) {
		c := Small(z["vocab"])
		c.EncoderLayers, c.DecoderLayers, c.Heads, c.DModel, c.DimFeedforward = z["layers"], z["layers"], z["heads"], z["embed"], z["inner"]
		m, err := New(c, 1)
		if err != nil {
			return nil, err
		}
		source := spec.NewDraw().Tokens(4, z["vocab"], z["batch"], z["source"])
		texts := source.Value().([][]int32)
		return spec.CallSide(m.Save, spec.Given{Name: "source", Value: source}, func(ctx context.Context) ([]float64, error) {
			found, err := m.Translate(ctx, texts, SearchConfig{Beam: z["beam"], LengthPenalty: 0.6, MaxTokens: z["new"]})
			if err != nil {
				return nil, err
			}
			values := make([]float64, len(found))
			for i, h := range found {
				values[i] = h.LogP
			}
			return values, nil
		})
	},
}
