package bench

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/transformer"
)

// encoder is the article's, corrected: a pass, or a step of Adam. The loss is the mean square of the first half of each
// output: of the whole it would be one, whatever the weights.
func encoder(name string) *Workload {
	c := transformer.DefaultEncoder()
	w := &Workload{
		Name:      name,
		Tolerance: 1e-3,
		Sizes: Sizes{
			"batch": 8, "length": 100, "embed": c.EmbedSize, "layers": c.NumLayers, "heads": c.Heads,
			"expansion": c.ForwardExpansion, "vocab": c.MaxLength,
		},
		Tiny: Sizes{"batch": 2, "length": 9, "embed": 16, "layers": 2, "heads": 2, "vocab": 20},
	}
	train := name == "encoder-train"
	if train {
		w.About = "the article's encoder, a training step without dropout"
		w.Growth = map[string][]int{"length": {25, 50, 100, 200, 400}, "layers": {1, 2, 4, 6}, "embed": {128, 256, 512, 1024}, "batch": {2, 4, 8, 16}}
	} else {
		w.About = "the article's encoder, a pass forward"
	}
	w.open = func(z Sizes) (*Side, error) {
		net, err := transformer.NewEncoder(transformer.EncoderConfig{
			EmbedSize: z["embed"], NumLayers: z["layers"], Heads: z["heads"], ForwardExpansion: z["expansion"],
			MaxLength: z["length"], VocabSize: z["vocab"], Variant: transformer.Corrected,
		})
		if err != nil {
			return nil, err
		}
		d := newDraw()
		mask := d.uniform(1, 1, z["batch"], 1, 1, z["length"])
		inputs := []input{{"x", d.tokens(0, z["vocab"], z["batch"], z["length"])}, {"mask", mask}}
		loss := func(s *model.Scope, in []*graph.Node) *graph.Node {
			out, _ := net.Forward(s, in[0], in[1])
			return graph.ReduceAllMean(graph.Square(graph.Slice(out, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(0, z["embed"]/2))))
		}
		if train {
			return trainingSide(name, net, 1e-4, inputs, loss)
		}
		return graphSide(name, []part{{"", net}}, inputs, func(s *model.Scope, in []*graph.Node) []*graph.Node { return []*graph.Node{loss(s, in)} })
	}
	return w
}
