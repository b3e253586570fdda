package bench

import (
	"context"

	"genlab/lib/models/transformer"
)

// translation is a beam search of texts side by side. What is compared is the log probability of each text's best translation.
func translation() *Workload {
	return &Workload{
		Name:      "translate",
		About:     "a translator's beam search, 8 texts at once, 100 tokens each; the best translations' log probabilities are compared",
		Tolerance: 1e-3,
		Sizes:     Sizes{"batch": 8, "source": 23, "beam": 4, "new": 100, "vocab": 1000, "layers": 2, "heads": 4, "embed": 128, "inner": 512},
		Tiny:      Sizes{"batch": 3, "source": 5, "beam": 2, "new": 6, "vocab": 20, "layers": 1, "heads": 2, "embed": 16, "inner": 24},
		Growth:    map[string][]int{"batch": {1, 2, 4, 8, 16, 32, 64}, "new": {10, 20, 40, 80}},
		open: func(z Sizes) (*Side, error) {
			c := transformer.Small(z["vocab"])
			c.EncoderLayers, c.DecoderLayers, c.Heads, c.DModel, c.DimFeedforward, c.Dropout = z["layers"], z["layers"], z["heads"], z["embed"], z["inner"], 0
			m, err := transformer.New(c, 1)
			if err != nil {
				return nil, err
			}
			source := newDraw().tokens(4, z["vocab"], z["batch"], z["source"])
			return searchSide(m.Save, "source", source, func(ctx context.Context, texts [][]int32) ([]float64, error) {
				found, err := m.Translate(ctx, texts, transformer.SearchConfig{Beam: z["beam"], LengthPenalty: 0.6, MaxTokens: z["new"]})
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
}
