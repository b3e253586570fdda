package bench

import (
	"context"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/gpt"
	"genlab/lib/nn"
)

// gptStep is a training step of a character model, nanoGPT's for a laptop, or of twelve layers 768 wide.
func gptStep(name string) *Workload {
	w := &Workload{
		Name:      name,
		About:     "GPT, a training step: AdamW, gradients clipped, no dropout",
		Tolerance: 1e-3,
		Sizes:     Sizes{"batch": 12, "length": 64, "vocab": 91, "layers": 4, "heads": 4, "embed": 128},
		Tiny:      Sizes{"batch": 2, "length": 8, "vocab": 13, "layers": 2, "heads": 2, "embed": 16},
		Growth:    map[string][]int{"length": {32, 64, 128, 256, 512}, "layers": {1, 2, 4, 8}, "embed": {64, 128, 256, 512}, "batch": {3, 6, 12, 24, 48}},
	}
	if name == "gpt-wide" {
		w.Sizes = Sizes{"batch": 4, "length": 256, "vocab": 512, "layers": 12, "heads": 12, "embed": 768}
		w.Growth = nil
	}
	w.open = func(z Sizes) (*Side, error) {
		net, err := gpt.NewNet(gptConfig(z))
		if err != nil {
			return nil, err
		}
		d := newDraw()
		step := gpt.Step(net, gpt.Adam(nn.Constant(1e-3), 0.1), 1, 1)
		return graphSide(name, []part{{"", net}}, []input{
			{"x", d.tokens(0, z["vocab"], z["batch"], z["length"])}, {"y", d.tokens(0, z["vocab"], z["batch"], z["length"])},
		}, func(s *model.Scope, in []*graph.Node) []*graph.Node { return step(s, in)[:1] })
	}
	return w
}

func gptConfig(z Sizes) gpt.Config {
	c := gpt.Default(z["vocab"])
	c.Context, c.Layers, c.Heads, c.Embed, c.Bias = z["length"], z["layers"], z["heads"], z["embed"], true
	return c
}

// gptGeneration writes on from a prompt, the likeliest token each time.
func gptGeneration() *Workload {
	return &Workload{
		Name:   "gpt-generate",
		About:  "GPT, writing tokens one by one, the likeliest each; the tokens are compared",
		Sizes:  Sizes{"batch": 1, "length": 512, "vocab": 91, "layers": 4, "heads": 4, "embed": 128, "prompt": 8, "new": 248},
		Tiny:   Sizes{"length": 32, "vocab": 13, "layers": 2, "heads": 2, "embed": 16, "prompt": 3, "new": 12},
		Growth: map[string][]int{"new": {31, 62, 124, 248, 496}},
		open: func(z Sizes) (*Side, error) {
			m, err := gpt.New(gptConfig(z), 1)
			if err != nil {
				return nil, err
			}
			prompt := newDraw().tokens(0, z["vocab"], z["batch"], z["prompt"])
			return searchSide(m.Save, "prompt", prompt, func(ctx context.Context, texts [][]int32) ([]float64, error) {
				out, err := m.Sample(ctx, texts, gpt.SampleConfig{Tokens: z["new"]})
				if err != nil {
					return nil, err
				}
				var values []float64
				for _, text := range out {
					for _, t := range text {
						values = append(values, float64(t))
					}
				}
				return values, nil
			})
		},
	}
}
