package stylegan

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// nvidia is what the nets and the step go by in files.
const nvidia = "stylegan3"

// Spec declares the model to the rest of the house.
var Spec = &spec.Model{
	ID:        id,
	StepID:    nvidia,
	Section:   "StyleGAN: pictures without aliasing",
	Heading:   "Генеративно-состязательные сети: StyleGAN3",
	Needs:     "MNIST, sprites by genlab data sprites, or a folder of pictures",
	Notebooks: []string{"14_stylegan3"},
	State:     "equal to NVIDIA's steps, augmentation and measure of equivariance; trained on MNIST for minutes",
	Presets: []spec.Preset{
		{Name: "default", About: "colour pictures of 32×32", Config: Default()},
		{Name: "digits", About: "narrow and grey, for MNIST", Config: Digits()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{
		{ID: nvidia + ".generator", Open: openGenerator},
		{ID: "stylegan2.generator", Open: openGenerator2},
		{ID: nvidia + ".discriminator", Open: openDiscriminator},
		{ID: nvidia + ".r1", Open: openR1},
		{ID: nvidia + ".mapping", Open: openMapping},
		{ID: nvidia + ".input", Open: openInput},
		{ID: nvidia + ".layer", Open: openLayer},
		{ID: nvidia + ".filter", Open: openFilter},
		{ID: nvidia + ".upfirdn2d", Open: openUpFirDn},
		{ID: nvidia + ".filtered_lrelu", Open: openFilteredLReLU},
		{ID: nvidia + ".blur", Open: openBlur},
		{ID: nvidia + ".augment", Open: openAugment},
	},
	Step: openStep,
}

// Files have pictures channels-first.

func channelsLast(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 2, 3, 1) }

func channelsFirst(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 3, 1, 2) }

func float(name string, shape ...int) spec.Input {
	return spec.Input{Name: name, DType: torch.F32, Shape: append([]int{spec.AnyBatch}, shape...)}
}

// classInputs adds what tells classes, where there are any.
func classInputs(list []spec.Input, classes int, names ...string) []spec.Input {
	for _, name := range names {
		if classes > 0 {
			list = append(list, float(name, classes))
		}
	}
	return list
}

// optional is an input after the others; nil where it isn't wanted.
func optional(in []*graph.Node, i int) *graph.Node {
	if i >= len(in) {
		return nil
	}
	return in[i]
}

// truncationConfig is [Truncation] under NVIDIA's names.
type truncationConfig struct {
	Psi    float64 `json:"truncation_psi"`
	Cutoff count   `json:"truncation_cutoff"`
}

func (c truncationConfig) in(g *graph.Graph) Truncation {
	if c.Psi == 1 {
		return Truncation{}
	}
	return Truncation{graph.Const(g, float32(c.Psi)), int(c.Cutoff)}
}

// openGenerator takes the arguments of NVIDIA's Generator.
func openGenerator(given spec.Config) (*spec.Pass, error) {
	c := struct {
		GeneratorConfig
		truncationConfig
	}{published(), truncationConfig{Psi: 1}}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewGenerator(c.GeneratorConfig)
	if err != nil {
		return nil, err
	}
	return passOf(net, c.Z, c.C, c.truncationConfig), nil
}

// openGenerator2 takes the arguments of NVIDIA's Generator of StyleGAN2. Its noise is the constant one.
func openGenerator2(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Generator2Config
		truncationConfig
	}{published2(), truncationConfig{Psi: 1}}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewGenerator2(c.Generator2Config)
	if err != nil {
		return nil, err
	}
	return passOf(net, c.Z, c.C, c.truncationConfig), nil
}

// passOf runs a generator of either kind. A pass in training renews its running means.
func passOf(n Net, z, classes int, t truncationConfig) *spec.Pass {
	return &spec.Pass{
		Net:    n,
		Inputs: classInputs([]spec.Input{float("z", z)}, classes, "c"),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			renew := s.IsTraining(in[0].Graph())
			w := n.Map(s, in[0], optional(in, 1), renew)
			return map[string]*graph.Node{"img": channelsFirst(n.Synthesize(s, n.Styles(s, w, t.in(w.Graph())), Synthesis{Renew: renew}))}
		},
	}
}

func pictures(name string, c DiscriminatorConfig) spec.Input {
	in := float(name, c.Channels, c.Resolution, c.Resolution)
	in.Values = spec.Signed
	return in
}

// openDiscriminator takes the arguments of NVIDIA's Discriminator.
func openDiscriminator(given spec.Config) (*spec.Pass, error) {
	c := publishedDiscriminator()
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewDiscriminator(c)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    net,
		Inputs: classInputs([]spec.Input{pictures("img", c)}, c.C, "c"),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			logits := net.Logits(s, channelsLast(in[0]), optional(in, 1))
			return map[string]*graph.Node{"logits": graph.InsertAxes(logits, -1)}
		},
	}, nil
}

// openR1 is a discriminator's loss on real pictures.
func openR1(given spec.Config) (*spec.Pass, error) {
	c := struct {
		DiscriminatorConfig
		Gamma float64 `json:"r1_gamma"`
	}{publishedDiscriminator(), 10}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewDiscriminator(c.DiscriminatorConfig)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    net,
		Loss:   "loss",
		Inputs: classInputs([]spec.Input{pictures("real", c.DiscriminatorConfig)}, c.C, "c"),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			real := channelsLast(in[0])
			logits := net.Logits(s, real, optional(in, 1))
			penalty := squaredGradient(real, logits)
			loss := graph.Add(nn.GANBCE.Generator(logits), graph.MulScalar(graph.ReduceAllMean(penalty), c.Gamma/2))
			return map[string]*graph.Node{"logits": graph.InsertAxes(logits, -1), "r1_penalty": penalty, "loss": loss}
		},
	}, nil
}

// openStep takes the arguments of both nets, of the loss and of Adam.
func openStep(given spec.Config) (*spec.Training, error) {
	recipe := Recipe()
	c := struct {
		Generator     GeneratorConfig     `json:"generator"`
		Discriminator DiscriminatorConfig `json:"discriminator"`
		RateG         float64             `json:"lr_g"`
		RateD         float64             `json:"lr_d"`
		Betas         []float64           `json:"betas"`
		Eps           float64             `json:"eps"`
		Gamma         float64             `json:"r1_gamma"`
		R1Part        int                 `json:"r1_part"`
		EMA           float64             `json:"ema"`
	}{published(), publishedDiscriminator(), recipe.RateG, recipe.RateD, recipe.Betas[:], recipe.Eps, 10, 1, 0}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if len(c.Betas) != 2 {
		return nil, fmt.Errorf("--config: betas is %v: it must be two numbers", c.Betas)
	}
	for _, rate := range []float64{c.RateG, c.RateD} {
		if err := spec.CheckRate(rate); err != nil {
			return nil, err
		}
	}
	g, err := NewGenerator(c.Generator)
	if err != nil {
		return nil, err
	}
	d, err := NewDiscriminator(c.Discriminator)
	if err != nil {
		return nil, err
	}
	if a, b := c.Generator, c.Discriminator; a.Resolution != b.Resolution || a.Channels != b.Channels || a.C != b.C {
		return nil, fmt.Errorf("--config: generator and discriminator differ in img_resolution, img_channels or c_dim: they must be the same")
	}
	cfg := TrainConfig{Model: Config{Z: c.Generator.Z, Classes: c.Generator.C}, RateG: c.RateG, RateD: c.RateD, Betas: [2]float64(c.Betas), Eps: c.Eps, Gamma: c.Gamma, R1Part: c.R1Part, EMA: c.EMA}
	if err := cfg.checkNumbers(); err != nil {
		return nil, err
	}
	step := Step(g, d, cfg)
	parts := []spec.Part{{Scope: generatorScope, Module: g}, {Scope: discriminatorScope, Module: d}}
	if cfg.EMA > 0 {
		parts = append(parts, spec.Part{Scope: meanScope, Module: g})
	}
	return &spec.Training{
		Parts: parts,
		Inputs: classInputs([]spec.Input{pictures("real", c.Discriminator), float("z_g", c.Generator.Z), float("z_d", c.Generator.Z)},
			c.Generator.C, "real_c", "c_g", "c_d"),
		Names: metrics,
		Step: func(s *model.Scope, in train.Batch) train.Stepped {
			real := graph.MulScalar(graph.OnePlus(channelsLast(in[0])), 0.5)
			return step(s, train.Batch{real, in.At(3), in[1], in[2], in.At(4), in.At(5)})
		},
	}, nil
}
