package style

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// arbitraryID is the name of [Arbitrary] in runs and commands.
const arbitraryID = "adain"

// decoderScope is the decoder's in its store, beside the VGG's.
const decoderScope = "decoder"

// ArbitraryConfig says how an [Arbitrary] is built and learns.
type ArbitraryConfig struct {
	VGG VGGConfig `json:"vgg"`
	// Layers are those in which styles are compared; the last is what the decoder makes pictures of.
	Layers []string `json:"style_layers" help:"layers in which styles are compared; pictures are made of what the last sees"`
	// Scales are about the layers' mean values, by which they are divided: a decoder that is given hundreds dies in its first steps. The
	// paper takes weights that are scaled so (those of Gatys et al., section 2). None is measured by [TrainArbitrary].
	Scales        []float64 `json:"scales,omitempty"`
	ContentWeight float64   `json:"content_weight" help:"weight of the content"`
	StyleWeight   float64   `json:"style_weight" help:"weight of the style"`
	Rate          float64   `json:"rate" help:"Adam's learning rate"` // 0 is [ArbitraryRecipe]'s
	Eps           float64   `json:"eps,omitempty"`                    // Adam's; 0 is 1e-8
	Seed          uint64    `json:"seed" help:"seed of weights and order"`

	// AfterEpoch, when given, is called after each epoch with the model as it stands and the run's folder for samples.
	AfterEpoch func(ctx context.Context, m *Arbitrary, epoch int, samples string) error `json:"-"`

	train.Options `json:"-"`
}

// ArbitraryRecipe has the paper's layers and weights.
func ArbitraryRecipe() ArbitraryConfig {
	return ArbitraryConfig{
		VGG: VGG16(), Layers: []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1"}, ContentWeight: 1, StyleWeight: 10, Rate: 2e-4, Seed: 1,
		Options: train.Options{Run: "runs/adain", Epochs: 4},
	}
}

func (c ArbitraryConfig) filled() ArbitraryConfig {
	c.Rate, c.Eps = cmp.Or(c.Rate, ArbitraryRecipe().Rate), cmp.Or(c.Eps, 1e-8)
	return c
}

func (c ArbitraryConfig) validate() error {
	for _, w := range []struct {
		name  string
		value float64
	}{{"content_weight", c.ContentWeight}, {"style_weight", c.StyleWeight}, {"rate", c.Rate}} {
		if !(w.value >= 0) {
			return fmt.Errorf("style: %s is %g: it must be at least 0", w.name, w.value)
		}
	}
	if len(c.Layers) == 0 {
		return fmt.Errorf("style: style_layers is empty: there must be one layer at least")
	}
	if len(c.Scales) > 0 && len(c.Scales) != len(c.Layers) {
		return fmt.Errorf("style: scales is %v: it must have one for each of style_layers, %v", c.Scales, c.Layers)
	}
	for _, s := range c.Scales {
		if !(s > 0) {
			return fmt.Errorf("style: scales is %v: all must be positive", c.Scales)
		}
	}
	return c.VGG.Validate()
}

// Arbitrary paints in any style in one pass: it gives what a VGG sees in a picture the means and deviations of what it sees in another, and
// makes a picture of that (Huang & Belongie, "Arbitrary style transfer in real-time with adaptive instance normalization", 2017). Its methods
// may be called from one goroutine at a time.
type Arbitrary struct {
	Config ArbitraryConfig

	vgg     *VGG
	decoder *Decoder
	layers  []int
	run     *nn.Runner
}

// newArbitrary makes a model whose decoder has fresh weights; the VGG's are left to its caller.
func newArbitrary(c ArbitraryConfig) (*Arbitrary, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	layers, err := c.VGG.Find(c.Layers)
	if err != nil {
		return nil, err
	}
	vgg, err := NewVGG(c.VGG)
	if err != nil {
		return nil, err
	}
	decoder, err := NewDecoder(c.VGG, layers[len(layers)-1])
	if err != nil {
		return nil, err
	}
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	m := &Arbitrary{c, vgg, decoder, layers, nn.NewRunner(arbitraryID, b)}
	return m, nn.Create(m.run.Store.RootScope().At(decoderScope), decoder, c.Seed)
}

// arbitraryMetrics are the names of what its step measures.
var arbitraryMetrics = []string{"loss", "content_loss", "style_loss"}

// ArbitraryStep makes the graph of one training step of Adam. The batch is contents and styles, each [batch, height, width, 3] in [0, 1]. The
// VGG isn't trained.
func ArbitraryStep(d *Decoder, v *VGG, layers []int, c ArbitraryConfig) train.Step {
	adam := nn.NewAdam(c.Rate)
	adam.Eps = c.Eps
	params := nn.Trained(d)
	return func(s *model.Scope, batch train.Batch) train.Stepped {
		if len(batch) < 2 {
			panic(fmt.Errorf("style: trains on contents and styles, the data set gives %d tensors a batch", len(batch)))
		}
		ds := s.At(decoderScope)
		ofContent, ofStyle := arbitraryLosses(ds, s.At(vggScope), d, v, layers, c.Scales, batch[0], batch[1])
		loss := graph.Add(graph.MulScalar(ofContent, c.ContentWeight), graph.MulScalar(ofStyle, c.StyleWeight))
		grads := nn.Gradients(ds, loss, params)
		adam.Update(ds, params, grads)
		return train.Stepped{
			Metrics:   []*graph.Node{loss, ofContent, ofStyle},
			Gradients: nn.NameGradients(decoderScope+".", params, grads),
		}
	}
}

// TrainArbitrary trains a model in cfg.Run, from where an earlier call left off, and returns it. vgg is a file that [ReadVGG] reads, whose part
// that is needed becomes the run's. data gives batches as [ArbitraryStep] takes them. Errors are those of [train.Run].
func TrainArbitrary(ctx context.Context, cfg ArbitraryConfig, vgg string, data train.Dataset) (*Arbitrary, error) {
	cfg = cfg.filled()
	v, all, err := ReadVGG(vgg)
	if err != nil {
		return nil, err
	}
	layers, err := v.config.Find(cfg.Layers)
	if err != nil {
		return nil, err
	}
	cfg.VGG = v.config
	if len(layers) > 0 {
		cfg.VGG = v.config.upTo(layers[len(layers)-1])
	}
	m, err := newArbitrary(cfg)
	if err != nil {
		return nil, err
	}
	state := &torch.StateDict{}
	for path := range nn.Params(m.vgg) {
		if t, ok := all.Get(path); ok {
			state.Set(path, t)
		}
	}
	if err := torch.LoadOnto(m.run.Backend, m.run.Store.RootScope().At(vggScope), m.vgg, state, false); err != nil {
		return nil, err
	}
	if len(cfg.Scales) == 0 {
		if cfg.Scales, err = m.measure(ctx, data); err != nil {
			return nil, err
		}
		m.Config = cfg
	}
	job := train.Job{
		Model: arbitraryID, Config: cfg, Seed: cfg.Seed, Store: m.run.Store,
		Step: ArbitraryStep(m.decoder, m.vgg, m.layers, cfg), Metrics: arbitraryMetrics, Data: data,
	}
	job.AfterEpoch = train.WithModel(cfg.AfterEpoch, m)
	return m, train.Run(ctx, m.run.Backend, job, cfg.Options)
}

// measure gives the layers' mean values over the first batch of contents, as powers of two: so that a training that goes on elsewhere, where
// sums are rounded otherwise, has the same.
func (m *Arbitrary) measure(ctx context.Context, data train.Dataset) ([]float64, error) {
	batch, err := data.Batch(0, 0)
	if err != nil {
		return nil, err
	}
	out, err := m.run.Call(ctx, "measure", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		seen := m.vgg.Forward(s.At(vggScope), m.vgg.Normalize(in[0]), m.layers)
		for i, x := range seen {
			seen[i] = graph.ReduceAllMean(x)
		}
		return seen
	}, batch[0])
	if err != nil {
		return nil, err
	}
	scales := make([]float64, len(out))
	for i, t := range out {
		if scales[i] = 1; tensors.ToScalar[float32](t) > 0 {
			scales[i] = math.Exp2(math.Round(math.Log2(float64(tensors.ToScalar[float32](t)))))
		}
	}
	return scales, nil
}

// OpenArbitrary reads the model of a run.
func OpenArbitrary(run string) (*Arbitrary, error) {
	var cfg ArbitraryConfig
	if err := train.ReadConfig(run, arbitraryID, &cfg); err != nil {
		return nil, err
	}
	m, err := newArbitrary(cfg)
	if err != nil {
		return nil, err
	}
	if err := nn.Create(m.run.Store.RootScope().At(vggScope), m.vgg, cfg.Seed); err != nil {
		return nil, err
	}
	_, err = train.Load(run, m.run.Store)
	return m, err
}

// Decoder is the decoder's weights, to save and load.
func (m *Arbitrary) Decoder() torch.Weights {
	return torch.Of(m.run.Store.RootScope().At(decoderScope), m.decoder)
}

// Paint gives a picture a style: strength 0 leaves it as the decoder has it, 1 takes the style wholly. The result is cut to a multiple of what
// the VGG's poolings make one value of: 8 for relu4_1.
func (m *Arbitrary) Paint(ctx context.Context, content, style Picture, strength float64) (Picture, error) {
	if !(strength >= 0 && strength <= 1) {
		return Picture{}, fmt.Errorf("style: strength is %g: it must be 0 to 1", strength)
	}
	least := 2 * m.vgg.smallest(m.layers) // 2 values at least deep inside, for the padding to mirror
	for _, p := range []struct {
		name string
		Picture
	}{{"content", content}, {"style", style}} {
		if err := p.check(p.name); err != nil {
			return Picture{}, err
		}
		if min(p.Height, p.Width) < least {
			return Picture{}, fmt.Errorf("style: the %s is %dx%d: it must be at least %d either way for %s", p.name, p.Width, p.Height, least,
				strings.Join(m.Config.Layers, ", "))
		}
	}
	out, err := m.run.Call(ctx, "paint", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		see := func(x *graph.Node) *graph.Node {
			return scaled(m.vgg.Forward(s.At(vggScope), m.vgg.Normalize(x), m.layers), m.Config.Scales)[len(m.layers)-1]
		}
		ofContent := see(in[0])
		made := AdaIN(ofContent, see(in[1]), 1, adainEps)
		mixed := graph.Add(ofContent, graph.Mul(graph.Sub(made, ofContent), in[2]))
		return []*graph.Node{m.decoder.Forward(s.At(decoderScope), mixed)}
	}, content.tensor(), style.tensor(), float32(strength))
	if err != nil {
		return Picture{}, err
	}
	made, err := pictureOf(out[0])
	return made.clipped(), err
}
