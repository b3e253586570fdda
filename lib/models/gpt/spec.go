package gpt

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/spec"
	"genlab/lib/torch"
)

// Spec declares the model to the rest of the house.
var Spec = &spec.Model{
	ID:        id,
	Section:   "GPT: text generation",
	Heading:   "GPT: text, dialogue",
	Needs:     "a text; by default the Opticks, which comes with Go",
	Notebooks: []string{"06_gpt"},
	State:     "equal to PyTorch's steps; trained on the Opticks",
	Presets: []spec.Preset{
		{Name: "default", About: "nanoGPT's for a laptop", Config: Default(0)},
		{Name: "modern", About: "rotary, RMSNorm, SwiGLU, grouped heads", Config: Modern(0)},
		{Name: "gpt2", About: "124 M parameters", Config: GPT2()},
		{Name: "tiny", Config: Tiny(0)},
	},
	Nets: []spec.Net{{ID: id, Open: open}},
	Step: openStep,
	Figures: []spec.Figure{
		{
			Name: "gpt, Opticks", Args: "train gpt", Metric: "validation_loss", Unit: "nats a character of the validation text",
			PyTorch: "1.72", Bound: 1.72, Quick: "--epochs 1 --steps 20 --warm-up 5",
		},
		{
			Name: "gpt, Opticks, modern", Args: "train gpt --preset modern", Metric: "validation_loss", Unit: "nats a character of the validation text",
			Bound: 1.52, Quick: "--epochs 1 --steps 20 --warm-up 5",
		},
	},
	Workloads: []*spec.Workload{
		{
			Name:      "gpt",
			About:     "GPT, a training step: AdamW, gradients clipped, no dropout",
			Peer:      "gpt",
			Tolerance: 1e-3,
			Sizes:     spec.Sizes{"batch": 12, "length": 64, "vocab": 91, "layers": 4, "heads": 4, "embed": 128},
			Tiny:      tinySizes,
			Growth: map[string][]int{
				"length": {32, 64, 128, 256, 512}, "layers": {1, 2, 4, 8}, "embed": {64, 128, 256, 512}, "batch": {3, 6, 12, 24, 48},
			},
			Aims: [2]float64{1.2, 1},
			Open: stepSide,
		},
		{
			Name:      "gpt-wide",
			About:     "GPT, a training step: AdamW, gradients clipped, no dropout",
			Peer:      "gpt",
			Tolerance: 1e-3,
			Sizes:     spec.Sizes{"batch": 4, "length": 256, "vocab": 512, "layers": 12, "heads": 12, "embed": 768},
			Tiny:      tinySizes,
			Aims:      [2]float64{1.2, 1},
			Open:      stepSide,
		},
		{
			Name:      "gpt-long",
			About:     "GPT, a training step on one long text: AdamW, gradients clipped, no dropout",
			Peer:      "gpt",
			Tolerance: 1e-3,
			Sizes:     spec.Sizes{"batch": 1, "length": 4096, "vocab": 91, "layers": 4, "heads": 4, "embed": 128},
			Tiny:      spec.Sizes{"length": 300, "vocab": 13, "layers": 2, "heads": 2, "embed": 16},
			Growth:    map[string][]int{"length": {512, 1024, 2048, 4096, 8192}},
			Aims:      [2]float64{1.5, 1.5},
			Open:      stepSide,
		},
		{
			Name:   "gpt-generate",
			About:  "GPT, writing tokens one by one, the likeliest each; the tokens are compared",
			Peer:   "gpt",
			Sizes:  spec.Sizes{"batch": 1, "length": 512, "vocab": 91, "layers": 4, "heads": 4, "embed": 128, "prompt": 8, "new": 248},
			Tiny:   spec.Sizes{"length": 32, "vocab": 13, "layers": 2, "heads": 2, "embed": 16, "prompt": 3, "new": 12},
			Growth: map[string][]int{"new": {31, 62, 124, 248, 496}},
			Aims:   [2]float64{5, 1.5},
			Open:   generateSide,
		},
	},
}

func open(given spec.Config) (*spec.Pass, error) {
	c := GPT2()
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewNet(c)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    net,
		Inputs: []spec.Input{texts("x", c)},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"logits": net.Forward(s, in[0])}
		},
		Sizes: map[int]int{spec.AnyLength: c.Context},
	}, nil
}

// texts is an input of tokens.
func texts(name string, c Config) spec.Input {
	return spec.Input{Name: name, DType: torch.I64, Shape: []int{spec.AnyBatch, spec.AnyLength}, Below: c.VocabSize, Longest: c.Context}
}

// stepConfig is what a step is made by, with nanoGPT's names and values for GPT-2.
type stepConfig struct {
	Config
	Rate    float64 `json:"lr"`
	MinRate float64 `json:"min_lr"`
	WarmUp  int     `json:"warmup"`
	Total   int     `json:"total"`
	Decay   float64 `json:"weight_decay"`
	Clip    float64 `json:"clip"`
	Eps     float64 `json:"eps"`
}

func openStep(given spec.Config) (*spec.Training, error) {
	c := stepConfig{GPT2(), 6e-4, 6e-5, 2000, 600000, 0.1, 1, 1e-8}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return nil, err
	}
	if c.WarmUp < 0 || c.WarmUp >= c.Total {
		return nil, fmt.Errorf("--config: warmup is %d: it must be 0 or more, and less than total, %d", c.WarmUp, c.Total)
	}
	net, err := NewNet(c.Config)
	if err != nil {
		return nil, err
	}
	labels := texts("y", c.Config)
	labels.Ignored = Ignore
	return &spec.Training{
		Parts:  []spec.Part{{Module: net}},
		Inputs: []spec.Input{texts("x", c.Config), labels},
		Names:  metrics,
		Step: Step(net, TrainConfig{
			Rate: c.Rate, MinRate: c.MinRate, WarmUp: c.WarmUp, Total: c.Total, Beta2: 0.95, Eps: c.Eps, Decay: c.Decay, Clip: c.Clip,
		}),
	}, nil
}

// tinySizes are of the steps' tests.
var tinySizes = spec.Sizes{"batch": 2, "length": 8, "vocab": 13, "layers": 2, "heads": 2, "embed": 16}

// sized is the model of a workload's sizes.
func sized(z spec.Sizes) Config {
	c := Default(z["vocab"])
	c.Context, c.Layers, c.Heads, c.Embed, c.Bias = z["length"], z["layers"], z["heads"], z["embed"], true
	return c
}

// stepSide is a training step by a constant rate.
func stepSide(z spec.Sizes) (*spec.Side, error) {
	c := stepConfig{Config: sized(z), Rate: 1e-3, MinRate: 1e-3, Total: 1, Decay: 0.1, Clip: 1, Eps: 1e-8}
	return spec.StepSide(id, openLoss, c, map[int]int{spec.AnyBatch: z["batch"], spec.AnyLength: z["length"]})
}

// openLoss is openStep measured by the loss alone.
func openLoss(given spec.Config) (*spec.Training, error) {
	t, err := openStep(given)
	if err != nil {
		return nil, err
	}
	t.Names = []string{"loss", ""}
	return t, nil
}

// generateSide writes on from a prompt, the likeliest token each time.
func generateSide(z spec.Sizes) (*spec.Side, error) {
	m, err := New(sized(z), 1)
	if err != nil {
		return nil, err
	}
	prompt := spec.NewDraw().Tokens(0, z["vocab"], z["batch"], z["prompt"])
	return spec.CallSide(m.Save, spec.Given{Name: "prompt", Value: prompt}, func(ctx context.Context) ([]float64, error) {
		out, err := m.Sample(ctx, prompt.Value().([][]int32), SampleConfig{Tokens: z["new"]})
		if err != nil {
			return nil, err
		}
		var values []float64
		for _, text := range out {
			for _, token := range text {
				values = append(values, float64(token))
			}
		}
		return values, nil
	})
}
