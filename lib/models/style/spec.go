package style

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// id is the name of the models here in runs and commands.
const id = "style"

// Spec declares the models to the rest of the house.
var Spec = &spec.Model{
	ID:        id,
	Section:   "Artistic images: style transfer",
	Heading:   "Художественные изображения: DeepArt, style transfer",
	Needs:     "pictures; a VGG's weights, by genlab data vgg16",
	Notebooks: []string{"16_art"},
	State:     "equal to PyTorch's passes, losses and steps; VGG-16's weights as published",
	Presets: []spec.Preset{
		{Name: "small", About: "narrow, to learn a style in minutes", Config: Small()},
		{Name: "default", About: "that of PyTorch's example", Config: Default()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{
		{ID: "style.vgg", Open: openVGG},
		{ID: "style.gatys", Open: openGatys},
		{ID: "style.gram", Open: openGram},
		{ID: "style.net", Open: openNet},
		{ID: "style.adain", Open: openAdaIN},
		{ID: "style.adain_loss", Open: openAdaINLoss},
	},
	Step:   openStep,
	StepID: "style.net",
}

// Files have pictures channels-first.

func filePictures(name string, channels int) spec.Input {
	return spec.Input{Name: name, DType: torch.F32, Shape: []int{spec.AnyBatch, channels, spec.AnyHeight, spec.AnyWidth}, Values: spec.Unit}
}

// fileFeatures are of any size, also one beside the other.
func fileFeatures(name string) spec.Input { return spec.Input{Name: name, DType: torch.F32} }

func channelsLast(x *graph.Node) *graph.Node {
	if x.Rank() != 4 {
		panic(fmt.Errorf("--inputs: pictures and features have 4 axes, was given %s", x.Shape()))
	}
	return graph.TransposeAllAxes(x, 0, 2, 3, 1)
}

func channelsFirst(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 3, 1, 2) }

// sizes are those of a summary.
var sizes = map[int]int{spec.AnyBatch: 1, spec.AnyHeight: 64, spec.AnyWidth: 64}

func openVGG(given spec.Config) (*spec.Pass, error) {
	c := struct {
		VGGConfig
		Layers []int `json:"layers"`
	}{VGGConfig: VGG16()}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	v, err := NewVGG(c.VGGConfig)
	if err != nil {
		return nil, err
	}
	if len(c.Layers) == 0 {
		_, c.Layers = c.VGGConfig.Layers()
	}
	return &spec.Pass{
		Net:    v,
		Inputs: []spec.Input{filePictures("image", 3)},
		Sizes:  sizes,
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			made := map[string]*graph.Node{}
			for i, x := range v.Forward(s, channelsLast(in[0]), c.Layers) {
				made[fmt.Sprintf("features.%d", c.Layers[i])] = channelsFirst(x)
			}
			return made
		},
	}, nil
}

func openGatys(given spec.Config) (*spec.Pass, error) {
	c := struct {
		VGGConfig
		Objective
	}{VGGConfig: VGG16(), Objective: Objective{ContentWeight: 1, StyleWeight: 1}}
	c.ContentLayers, c.StyleLayers = []int{20}, []int{1, 6, 11, 18, 25}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	v, err := NewVGG(c.VGGConfig)
	if err != nil {
		return nil, err
	}
	o := c.Objective.filled()
	if err := o.validate(c.VGGConfig); err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    v,
		Inputs: []spec.Input{filePictures("image", 3), filePictures("content", 3), fileFeatures("style")},
		Sizes:  sizes,
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			content, grams := o.ContentOf(s, v, channelsLast(in[1])), o.StyleOf(s, v, channelsLast(in[2]))
			l := o.Judge(s, v, channelsLast(in[0]), content, grams)
			return map[string]*graph.Node{"content_loss": l.Content, "style_loss": l.Style, "tv_loss": l.Variation, "loss": l.Total}
		},
	}, nil
}

func openGram(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Normalize string `json:"normalize"`
	}{"none"}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if c.Normalize != "none" && c.Normalize != "chw" {
		return nil, fmt.Errorf("--config: normalize is %q: it must be \"none\" or \"chw\"", c.Normalize)
	}
	return &spec.Pass{
		Inputs: []spec.Input{fileFeatures("x")},
		Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			x := channelsLast(in[0])
			if c.Normalize == "chw" {
				return map[string]*graph.Node{"gram": gramPer(x, true)}
			}
			return map[string]*graph.Node{"gram": Gram(x)}
		},
	}, nil
}

func openNet(given spec.Config) (*spec.Pass, error) {
	c := Default()
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	n, err := NewNet(c)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    n,
		Inputs: []spec.Input{filePictures("x", 3)},
		Sizes:  sizes,
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"output": channelsFirst(n.Forward(s, channelsLast(in[0])))}
		},
	}, nil
}

func openAdaIN(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Alpha float64 `json:"alpha"`
		Eps   float64 `json:"eps"`
	}{1, adainEps}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	return &spec.Pass{
		Inputs: []spec.Input{fileFeatures("content"), fileFeatures("style")},
		Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"output": channelsFirst(AdaIN(channelsLast(in[0]), channelsLast(in[1]), c.Alpha, c.Eps))}
		},
	}, nil
}

func openAdaINLoss(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Eps float64 `json:"eps"`
	}{adainEps}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	return &spec.Pass{
		Inputs: []spec.Input{fileFeatures("input"), fileFeatures("target")},
		Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"loss": momentsLoss(channelsLast(in[0]), channelsLast(in[1]), c.Eps)}
		},
	}, nil
}

func openStep(given spec.Config) (*spec.Training, error) {
	c := struct {
		Net           NetConfig `json:"net"`
		VGG           VGGConfig `json:"vgg"`
		StyleLayers   []int     `json:"style_layers"`
		ContentLayer  int       `json:"content_layer"`
		ContentWeight float64   `json:"content_weight"`
		StyleWeight   float64   `json:"style_weight"`
		Rate          float64   `json:"lr"`
		Eps           float64   `json:"eps"`
	}{Default(), VGG16(), []int{3, 8, 15, 22}, 8, 1e5, 1e10, 1e-3, 1e-8} // those of PyTorch's example
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return nil, err
	}
	cfg := TrainConfig{Model: c.Net, VGG: c.VGG, Rate: c.Rate, Eps: c.Eps, ContentWeight: c.ContentWeight, StyleWeight: c.StyleWeight}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	n, err := NewNet(c.Net)
	if err != nil {
		return nil, err
	}
	v, err := NewVGG(c.VGG)
	if err != nil {
		return nil, err
	}
	step := step(n, v, cfg, c.ContentLayer, c.StyleLayers)
	return &spec.Training{
		Parts:  []spec.Part{{Scope: netScope, Module: n}, {Scope: vggScope, Module: v}},
		Inputs: []spec.Input{filePictures("x", 3), {Name: "style", DType: torch.F32, Shape: []int{1, 3, spec.AnyLength, spec.AnyKeys}, Values: spec.Unit}},
		Names:  metrics,
		Step: func(s *model.Scope, in train.Batch) train.Stepped {
			return step(s, train.Batch{graph.DivScalar(channelsLast(in[0]), 255), graph.DivScalar(channelsLast(in[1]), 255)})
		},
	}, nil
}
