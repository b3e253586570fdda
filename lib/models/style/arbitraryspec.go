package style

import (
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// ArbitrarySpec declares [Arbitrary] to the rest of the house.
var ArbitrarySpec = &spec.Model{
	ID:        arbitraryID,
	Folder:    id,
	Section:   "Artistic images: style transfer, any style at once",
	Heading:   Spec.Heading,
	Needs:     Spec.Needs,
	Notebooks: []string{"16_art"},
	State:     Spec.State,
	Nets:      []spec.Net{{ID: "adain.decoder", Open: openDecoder}},
	Step:      openArbitraryStep,
}

func openDecoder(given spec.Config) (*spec.Pass, error) {
	c := struct {
		VGGConfig
		Layer int `json:"layer"`
	}{VGG16(), 18}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	d, err := NewDecoder(c.VGGConfig, c.Layer)
	if err != nil {
		return nil, err
	}
	width := 0
	for _, w := range c.VGGConfig.upTo(c.Layer).Widths {
		if w != Pooling {
			width = w
		}
	}
	return &spec.Pass{
		Net:    d,
		Inputs: []spec.Input{filePictures("input", width)},
		Sizes:  map[int]int{spec.AnyBatch: 1, spec.AnyHeight: 8, spec.AnyWidth: 8},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"output": channelsFirst(d.Forward(s, channelsLast(in[0])))}
		},
	}, nil
}

func openArbitraryStep(given spec.Config) (*spec.Training, error) {
	recipe := ArbitraryRecipe()
	c := struct {
		VGG           VGGConfig `json:"vgg"`
		Layers        []int     `json:"style_layers"`
		Scales        []float64 `json:"scales"`
		ContentWeight float64   `json:"content_weight"`
		StyleWeight   float64   `json:"style_weight"`
		Rate          float64   `json:"lr"`
		Eps           float64   `json:"eps"`
	}{VGG16(), []int{1, 6, 11, 18}, nil, recipe.ContentWeight, recipe.StyleWeight, recipe.Rate, 1e-8}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return nil, err
	}
	if len(c.Layers) == 0 {
		return nil, errors.New("--config: style_layers is empty: there must be one layer at least")
	}
	recipe.VGG, recipe.ContentWeight, recipe.StyleWeight, recipe.Rate, recipe.Eps = c.VGG, c.ContentWeight, c.StyleWeight, c.Rate, c.Eps
	if err := recipe.validate(); err != nil {
		return nil, err
	}
	if len(c.Scales) > 0 && len(c.Scales) != len(c.Layers) {
		return nil, fmt.Errorf("--config: scales is %v: it must have one for each of style_layers, %v", c.Scales, c.Layers)
	}
	recipe.Scales = c.Scales
	v, err := NewVGG(c.VGG)
	if err != nil {
		return nil, err
	}
	d, err := NewDecoder(c.VGG, c.Layers[len(c.Layers)-1])
	if err != nil {
		return nil, err
	}
	step := ArbitraryStep(d, v, c.Layers, recipe)
	return &spec.Training{
		Parts: []spec.Part{{Scope: decoderScope, Module: d}, {Scope: vggScope, Module: v}},
		Inputs: []spec.Input{
			filePictures("content", 3),
			{Name: "style", DType: torch.F32, Shape: []int{spec.AnyBatch, 3, spec.AnyLength, spec.AnyKeys}, Values: spec.Unit},
		},
		Names: arbitraryMetrics,
		Step: func(s *model.Scope, in train.Batch) train.Stepped {
			return step(s, train.Batch{channelsLast(in[0]), channelsLast(in[1])})
		},
	}, nil
}
