package dalle

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Spec declares the model to the rest of the house: its step is the transformer's.
var Spec = &spec.Model{
	ID:        id,
	Section:   "DALL-E: text into pictures",
	Notebooks: []string{"20_dalle"},
	Heading:   "DALL-E: text into pictures",
	Needs:     "nothing: its scenes are made",
	State:     "equal to PyTorch's passes and steps; trained shortly on made scenes",
	Presets: []spec.Preset{
		{Name: "default", About: "for captions of made scenes", Config: Default()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{
		{ID: id + ".encoder", Open: openEncoder},
		{ID: id + ".decoder", Open: openDecoder},
		{ID: id + ".dvae", Open: openDVAE},
		{ID: id + ".vqvae", Open: openVQVAE},
		{ID: id + ".logit_laplace", Open: openLaplace},
		{ID: id + ".gumbel", Open: openGumbel},
		{ID: id + ".transformer", Open: openTransformer},
		{ID: id + ".guidance", Open: openGuidance},
	},
	StepID: id + ".transformer",
	Step:   openStep,
	Workloads: []*spec.Workload{{
		Name:      id,
		About:     "DALL-E's transformer, a training step on 64 codes and 12 words",
		Peer:      id,
		Tolerance: 1e-4,
		Sizes:     spec.Sizes{"batch": 32, "embed": 128, "layers": 4, "heads": 4, "words": 100, "text": 12, "codes": 256, "side": 8},
		Tiny:      spec.Sizes{"batch": 2, "embed": 8, "layers": 2, "heads": 2, "words": 9, "text": 3, "codes": 7, "side": 3},
		Growth:    map[string][]int{"side": {8, 16}, "embed": {128, 256}},
		Aims:      [2]float64{1.2, 1},
		Open: func(z spec.Sizes) (*spec.Side, error) {
			c := map[string]int{
				"dim": z["embed"], "depth": z["layers"], "heads": z["heads"], "num_text_tokens": z["words"], "text_seq_len": z["text"],
				"num_image_tokens": z["codes"], "image_size": z["side"],
			}
			return spec.StepSide(id, openStep, c, map[int]int{spec.AnyBatch: z["batch"]})
		},
	}},
}

// DVAESpec declares what turns pictures to codes.
var DVAESpec = &spec.Model{
	ID:     dvaeID,
	Folder: id,
	Presets: []spec.Preset{
		{Name: "default", About: "a VQ-VAE for made scenes of 32×32", Config: DefaultDVAE()},
		{Name: "gumbel", About: "the paper's dVAE for them", Config: GumbelDVAE()},
		{Name: "tiny", Config: TinyDVAE()},
		{Name: "published", About: "openai/DALL-E's", Config: PublishedDVAE()},
	},
	StepID: id + ".dvae",
	Step:   openDVAEStep,
	Workloads: []*spec.Workload{{
		Name:      dvaeID,
		About:     "DALL-E's dVAE on pictures of 32×32, a training step",
		Peer:      id,
		Tolerance: 1e-4,
		Sizes:     spec.Sizes{"batch": 32, "size": 32, "hidden": 24, "first": 64, "codes": 256},
		Tiny:      spec.Sizes{"batch": 2, "size": 8, "hidden": 4, "first": 8, "codes": 12},
		Growth:    map[string][]int{"hidden": {24, 48}},
		Aims:      [2]float64{1.2, 1},
		Open: func(z spec.Sizes) (*spec.Side, error) {
			both := map[string]int{"n_hid": z["hidden"], "n_blk_per_group": 1, "group_count": 3, "vocab_size": z["codes"], "size": z["size"], "n_init": z["first"]}
			c := map[string]any{"encoder": both, "decoder": both}
			return spec.StepSide(id, openDVAEStep, c, map[int]int{spec.AnyBatch: z["batch"]})
		},
	}},
}

// VQVAESpec is the step of a VQ-VAE.
var VQVAESpec = &spec.Model{ID: id + ".vqvae", Folder: id, Step: openVQVAEStep}

func channelsLast(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 2, 3, 1) }

func channelsFirst(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 3, 1, 2) }

// picture is an input of pictures, channels first, of any size.
func picture(name string, channels int) spec.Input {
	return spec.Input{Name: name, DType: torch.F32, Shape: []int{spec.AnyBatch, channels, spec.AnyHeight, spec.AnyWidth}, Values: spec.Unit}
}

// half are the arguments of openai/DALL-E's Encoder and Decoder. groups and size are this package's.
type half struct {
	Hidden   int `json:"n_hid"`
	Blocks   int `json:"n_blk_per_group"`
	Groups   int `json:"group_count"`
	Vocab    int `json:"vocab_size"`
	Size     int `json:"size"`
	Input    int `json:"input_channels"`
	Output   int `json:"output_channels"`
	First    int `json:"n_init"`
	CodeSize int `json:"code_width"`
}

func newHalf() half {
	d := PublishedDVAE()
	return half{d.Hidden, d.Blocks, d.Groups, d.Vocab, 16, d.Channels, d.Channels, d.First, d.CodeWidth}
}

func (h half) config() DVAEConfig {
	return DVAEConfig{
		Size: h.Size, Channels: h.Input, Vocab: h.Vocab, Hidden: h.Hidden, First: h.First, Groups: h.Groups, Blocks: h.Blocks,
		Quantizer: Gumbel, CodeWidth: h.CodeSize, Sharpest: unbounded,
	}
}

// halfNet opens one of both nets alone.
func halfNet(given spec.Config) (DVAEConfig, *DVAE, error) {
	h := newHalf()
	if err := given.Decode(&h); err != nil {
		return DVAEConfig{}, nil, err
	}
	h.Input = min(h.Input, h.Output) // the one that the net has not is as it was
	c := h.config()
	if err := c.Validate(); err != nil {
		return c, nil, err
	}
	return c, newDVAE(c), nil
}

func openEncoder(given spec.Config) (*spec.Pass, error) {
	c, net, err := halfNet(given)
	if err != nil {
		return nil, err
	}
	e := nn.Name(net.Encoder)
	return &spec.Pass{
		Net: e, Inputs: []spec.Input{picture("x", c.Channels)},
		Sizes: map[int]int{spec.AnyHeight: c.Size, spec.AnyWidth: c.Size},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			logits := e.Forward(s, channelsLast(in[0]))
			return map[string]*graph.Node{"logits": channelsFirst(logits), "codes": nn.ArgMax(logits)}
		},
	}, nil
}

func openDecoder(given spec.Config) (*spec.Pass, error) {
	c, net, err := halfNet(given)
	if err != nil {
		return nil, err
	}
	d := nn.Name(net.Decoder)
	return &spec.Pass{
		Net: d, Inputs: []spec.Input{picture("z", c.Vocab)}, Sizes: map[int]int{spec.AnyHeight: c.side(), spec.AnyWidth: c.side()},
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			stats := d.Forward(s, channelsLast(in[0]))
			return map[string]*graph.Node{"stats": channelsFirst(stats), "image": channelsFirst(Means(stats))}
		},
	}, nil
}

// dvaeConfig is a dVAE's or a VQ-VAE's, and its training's.
type dvaeConfig struct {
	Encoder     half    `json:"encoder"`
	Decoder     half    `json:"decoder"`
	Temperature float64 `json:"temperature"`
	KLWeight    float64 `json:"kl_weight"`
	Commitment  float64 `json:"commitment"`
	Rate        float64 `json:"lr"`
	Eps         float64 `json:"eps"`
}

func decodeDVAE(given spec.Config, quantizer string) (DVAETraining, *DVAE, error) {
	r := DVAERecipe()
	c := dvaeConfig{Encoder: newHalf(), Decoder: newHalf(), Temperature: 1, Commitment: r.Commitment, Rate: r.Rate}
	if err := given.Decode(&c); err != nil {
		return r, nil, err
	}
	e, d := c.Encoder, c.Decoder
	if e.Vocab != d.Vocab || e.Input != d.Output || e.Hidden != d.Hidden || e.Blocks != d.Blocks || e.Groups != d.Groups || e.CodeSize != d.CodeSize {
		return r, nil, errors.New("--config: vocab_size, channels, n_hid, n_blk_per_group, group_count and code_width of encoder and decoder must be the same")
	}
	if e.First = d.First; e.Size == 0 {
		e.Size = d.Size
	}
	t := DVAETraining{Model: e.config(), Rate: c.Rate, Eps: c.Eps, Coldest: c.Temperature, KLWeight: c.KLWeight, Commitment: c.Commitment}
	t.Model.Quantizer = quantizer
	if err := t.validate(); err != nil {
		return t, nil, err
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return t, nil, err
	}
	net, err := NewDVAE(t.Model)
	return t, net, err
}

func dvaeInputs(c DVAEConfig) []spec.Input {
	side := c.side()
	return []spec.Input{
		{Name: "x", DType: torch.F32, Shape: []int{spec.AnyBatch, c.Channels, c.Size, c.Size}, Values: spec.Unit},
		{Name: "gumbel", DType: torch.F32, Shape: []int{spec.AnyBatch, c.Vocab, side, side}},
	}
}

func openDVAE(given spec.Config) (*spec.Pass, error) {
	t, net, err := decodeDVAE(given, Gumbel)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net: net, Inputs: dvaeInputs(t.Model),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			r := net.Forward(s, channelsLast(in[0]), channelsLast(in[1]), graph.Scalar(in[0].Graph(), dtypes.Float32, t.Coldest))
			return map[string]*graph.Node{
				"logits": channelsFirst(r.Logits), "z": channelsFirst(r.Z), "recon": r.Recon, "kl": r.KL,
				"loss": graph.Add(r.Recon, graph.MulScalar(r.KL, t.KLWeight)),
			}
		},
		Loss: "loss",
	}, nil
}

func openDVAEStep(given spec.Config) (*spec.Training, error) {
	t, net, err := decodeDVAE(given, Gumbel)
	if err != nil {
		return nil, err
	}
	step := DVAEStep(net, t)
	return &spec.Training{
		Parts: []spec.Part{{Module: net}}, Inputs: dvaeInputs(t.Model), Names: dvaeMetrics,
		Step: func(s *model.Scope, in train.Batch) train.Stepped {
			return step(s, train.Batch{channelsLast(in[0]), channelsLast(in[1])})
		},
	}, nil
}

func openVQVAE(given spec.Config) (*spec.Pass, error) {
	t, net, err := decodeDVAE(given, EMA)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net: net, Inputs: dvaeInputs(t.Model)[:1],
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			x := MapPixels(channelsLast(in[0]))
			z, codes, commitment := net.Codebook.Quantize(s, net.Encoder.Forward(s, x))
			recon := graph.ReduceAllMean(NLL(x, net.Decoder.Forward(s, z)))
			return map[string]*graph.Node{
				"z": channelsFirst(z), "codes": codes, "recon": recon, "commitment": commitment,
				"loss": graph.Add(recon, graph.MulScalar(commitment, t.Commitment)),
			}
		},
		Loss: "loss",
	}, nil
}

func openVQVAEStep(given spec.Config) (*spec.Training, error) {
	t, net, err := decodeDVAE(given, EMA)
	if err != nil {
		return nil, err
	}
	step := DVAEStep(net, t)
	noise := spec.Input{Name: "noise", DType: torch.F32, Shape: []int{t.Model.Vocab}, Values: spec.Unit}
	return &spec.Training{
		Parts: []spec.Part{{Module: net}}, Inputs: append(dvaeInputs(t.Model)[:1], noise), Names: []string{"loss", "recon", "commitment"},
		Step: func(s *model.Scope, in train.Batch) train.Stepped {
			return step(s, train.Batch{channelsLast(in[0]), in[1]})
		},
	}, nil
}

func openLaplace(given spec.Config) (*spec.Pass, error) {
	if err := given.Decode(&struct{}{}); err != nil {
		return nil, err
	}
	stats := picture("stats", 6)
	stats.Values = spec.Normal
	return &spec.Pass{
		Inputs: []spec.Input{picture("x", 3), stats},
		Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			x := channelsLast(in[0])
			mapped := MapPixels(x)
			return map[string]*graph.Node{
				"mapped": channelsFirst(mapped), "unmapped": channelsFirst(UnmapPixels(x)), "nll": channelsFirst(NLL(mapped, channelsLast(in[1]))),
			}
		},
	}, nil
}

func openGumbel(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Temperature float64 `json:"temperature"`
	}{1}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	if !(c.Temperature > 0) {
		return nil, fmt.Errorf("--config: temperature is %g: it must be positive", c.Temperature)
	}
	return &spec.Pass{
		Inputs: []spec.Input{
			{Name: "logits", DType: torch.F32, Shape: []int{spec.AnyBatch, spec.AnyLength, spec.AnyHeight, spec.AnyWidth}},
			{Name: "gumbel", DType: torch.F32, Shape: []int{spec.AnyBatch, spec.AnyLength, spec.AnyHeight, spec.AnyWidth}},
		},
		Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			logits := channelsLast(in[0])
			z := Relax(logits, channelsLast(in[1]), graph.Scalar(logits.Graph(), dtypes.Float32, c.Temperature))
			return map[string]*graph.Node{"z": channelsFirst(z), "kl": Divergence(logits)}
		},
	}, nil
}

// published is the transformer's config as PyTorch's class takes it.
type published struct {
	Dim         int     `json:"dim"`
	Depth       int     `json:"depth"`
	Heads       int     `json:"heads"`
	TextTokens  int     `json:"num_text_tokens"`
	TextLength  int     `json:"text_seq_len"`
	ImageTokens int     `json:"num_image_tokens"`
	Side        int     `json:"image_size"`
	Attention   kindsOr `json:"attention"`
	ImageWeight float64 `json:"loss_img_weight"`
	Rate        float64 `json:"lr"`
	Eps         float64 `json:"eps"`
}

// kindsOr is a kind, or a list of one a layer.
type kindsOr struct{ Kinds }

// UnmarshalJSON takes both.
func (k *kindsOr) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		k.Kinds = Kinds(one)
		return nil
	}
	var list []string
	err := json.Unmarshal(raw, &list)
	k.Kinds = Kinds(strings.Join(list, ","))
	return err
}

func decodeTransformer(given spec.Config) (TrainConfig, *Transformer, error) {
	d := Default()
	c := published{
		Dim: d.Embed, Depth: d.Layers, Heads: d.Heads, TextTokens: 100, TextLength: d.TextLength, ImageTokens: d.Pictures.Vocab, Side: d.Pictures.side(),
		Attention: kindsOr{Full}, ImageWeight: 7, Rate: Recipe().Rate,
	}
	if err := given.Decode(&c); err != nil {
		return TrainConfig{}, nil, err
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return TrainConfig{}, nil, err
	}
	d.Pictures.Vocab, d.Pictures.Groups, d.Pictures.Size = c.ImageTokens, 1, c.Side
	d.Embed, d.Layers, d.Heads, d.TextLength, d.Attention, d.vocab = c.Dim, c.Depth, c.Heads, c.TextLength, c.Attention.Kinds, c.TextTokens
	t := TrainConfig{Model: d, Rate: c.Rate, Eps: c.Eps, ImageWeight: c.ImageWeight}
	if err := d.Validate(); err != nil {
		return t, nil, err
	}
	net, err := NewTransformer(d)
	return t, net, err
}

func transformerInputs(c Config) []spec.Input {
	side := c.Pictures.side()
	return []spec.Input{
		{Name: "text", DType: torch.I64, Shape: []int{spec.AnyBatch, c.TextLength}, Below: c.Vocab()},
		{Name: "image", DType: torch.I64, Shape: []int{spec.AnyBatch, side * side}, Below: c.Pictures.Vocab},
	}
}

func openTransformer(given spec.Config) (*spec.Pass, error) {
	t, net, err := decodeTransformer(given)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net: net, Inputs: transformerInputs(t.Model),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			loss, ofText, ofCodes := net.Loss(s, in[0], in[1], t.ImageWeight)
			return map[string]*graph.Node{"logits": Joint(net.Forward(s, in[0], in[1])), "loss": loss, "loss_text": ofText, "loss_image": ofCodes}
		},
	}, nil
}

func openStep(given spec.Config) (*spec.Training, error) {
	t, net, err := decodeTransformer(given)
	if err != nil {
		return nil, err
	}
	return &spec.Training{
		Parts: []spec.Part{{Module: net}}, Inputs: transformerInputs(t.Model), Names: metrics, Step: Step(net, nil, t),
	}, nil
}

func openGuidance(given spec.Config) (*spec.Pass, error) {
	c := struct {
		Scale float64 `json:"scale"`
	}{1}
	if err := given.Decode(&c); err != nil {
		return nil, err
	}
	logits := []int{spec.AnyBatch, spec.AnyLength}
	return &spec.Pass{
		Inputs: []spec.Input{
			{Name: "conditional", DType: torch.F32, Shape: logits}, {Name: "unconditional", DType: torch.F32, Shape: logits},
		},
		Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"logits": Guide(in[0], in[1], graph.Scalar(in[0].Graph(), dtypes.Float32, c.Scale))}
		},
	}, nil
}
