package vae

import (
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Spec declares the model to the rest of the house.
var Spec = &spec.Model{
	ID:        id,
	Section:   "Variational autoencoder",
	Heading:   "Вариационные автоэнкодеры: architecture, loss, sampling from the latent space",
	Needs:     "MNIST, which comes with the module",
	Notebooks: []string{"03_vae", "17_features"},
	State:     "equal to PyTorch's steps; trained on MNIST",
	Presets: []spec.Preset{
		{Name: "default", About: "the article's", Config: Default()},
		{Name: "plane", About: "a latent space that can be drawn", Config: Plane()},
		{Name: "convolutional", About: "two convolutions on either side", Config: Convolutional()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{
		{ID: id, Open: openPass(dense)},
		{ID: id + ".score", Open: openScore(dense)},
		{ID: convID, Open: openPass(convolutional)},
		{ID: convID + ".score", Open: openScore(convolutional)},
	},
	Step: openStep(dense),
	Figures: []spec.Figure{
		{Name: "vae, seed 1", Args: "train vae --epochs 10 --seed 1", Metric: "validation_loss", Unit: "nats a test image", PyTorch: "105.3", Bound: 106, Quick: "--epochs 1"},
		{Name: "vae, seed 2", Args: "train vae --epochs 10 --seed 2", Metric: "validation_loss", Unit: "nats a test image", PyTorch: "105.8", Bound: 106, Quick: "--epochs 1"},
	},
	Workloads: []*spec.Workload{{
		Name:      id,
		About:     "the article's VAE, a training step; the noise comes with the data",
		Peer:      "vae",
		Tolerance: 1e-4,
		Sizes:     spec.Sizes{"batch": 128, "input": 784, "hidden": 400, "latent": 20},
		Tiny:      spec.Sizes{"batch": 8, "input": 30, "hidden": 12, "latent": 3},
		Growth:    map[string][]int{"batch": {32, 64, 128, 256, 512, 1024}, "hidden": {200, 400, 800, 1600, 3200}},
		Aims:      [2]float64{1.3, 1.1},
		Open: func(z spec.Sizes) (*spec.Side, error) {
			return spec.StepSide(id, openStep(dense), Config{InputDim: z["input"], HiddenDim: z["hidden"], LatentDim: z["latent"]}, map[int]int{spec.AnyBatch: z["batch"]})
		},
	}},
}

// convID is the convolutional network's under its own name, with a config of its own.
const convID = id + ".conv"

// ConvSpec is the step of the convolutional network.
var ConvSpec = &spec.Model{ID: convID, Folder: id, Step: openStep(convolutional)}

// published is a config as the PyTorch classes take it, and how their files hold the examples.
type published struct {
	config  TrainConfig
	example []int // the shape of one in files
}

// dense reads the config of the article's class.
func dense(given spec.Config) (published, error) {
	c := struct {
		Input  int     `json:"input_dim"`
		Hidden int     `json:"hidden_dim"`
		Latent int     `json:"latent_dim"`
		Rate   float64 `json:"lr"`
	}{Default().InputDim, Default().HiddenDim, Default().LatentDim, Recipe().Rate}
	if err := given.Decode(&c); err != nil {
		return published{}, err
	}
	m := Config{InputDim: c.Input, HiddenDim: c.Hidden, LatentDim: c.Latent}
	return published{TrainConfig{Model: m, Rate: c.Rate}, []int{c.Input}}, spec.CheckRate(c.Rate)
}

// convolutional reads the config of the convolutional class.
func convolutional(given spec.Config) (published, error) {
	d := Convolutional()
	c := struct {
		Channels int     `json:"channels"`
		Size     int     `json:"size"`
		Widths   []int   `json:"widths"`
		Latent   int     `json:"latent_dim"`
		Rate     float64 `json:"lr"`
		Eps      float64 `json:"eps"`
	}{d.channels(), d.size(), d.Widths, d.LatentDim, Recipe().Rate, 0}
	if err := given.Decode(&c); err != nil {
		return published{}, err
	}
	switch {
	case c.Channels < 1 || c.Channels > 4096 || c.Size < 1 || c.Size > 4096:
		return published{}, fmt.Errorf("--config: channels is %d and size %d: they must be 1 to 4096", c.Channels, c.Size)
	case len(c.Widths) == 0:
		return published{}, errors.New("--config: widths is empty: it must have at least one width")
	case !(c.Eps >= 0):
		return published{}, fmt.Errorf("--config: eps is %g: it must be at least 0", c.Eps)
	}
	m := Config{InputDim: c.Channels * c.Size * c.Size, LatentDim: c.Latent, Widths: c.Widths, Channels: c.Channels}
	return published{TrainConfig{Model: m, Rate: c.Rate, Eps: c.Eps}, []int{c.Channels, c.Size, c.Size}}, spec.CheckRate(c.Rate)
}

// rows makes the examples of a file rows: pictures channels last.
func rows(x *graph.Node) *graph.Node {
	if x.Rank() == 4 {
		x = graph.TransposeAllAxes(x, 0, 2, 3, 1)
	}
	return flat(x)
}

// file makes rows what they are in a file.
func (p published) file(rows *graph.Node) *graph.Node {
	if len(p.example) == 1 {
		return rows
	}
	channels, size := p.example[0], p.example[1]
	return graph.TransposeAllAxes(graph.Reshape(rows, -1, size, size, channels), 0, 3, 1, 2)
}

// x is the input of examples.
func (p published) x() spec.Input {
	return spec.Input{Name: "x", DType: torch.F32, Shape: append([]int{spec.AnyBatch}, p.example...), Values: spec.Unit}
}

func openPass(read func(spec.Config) (published, error)) func(spec.Config) (*spec.Pass, error) {
	return func(given spec.Config) (*spec.Pass, error) {
		p, err := read(given)
		if err != nil {
			return nil, err
		}
		net, err := newCoder(p.config.Model)
		if err != nil {
			return nil, err
		}
		return &spec.Pass{
			Net:    net,
			Inputs: []spec.Input{p.x(), {Name: "eps", DType: torch.F32, Shape: []int{spec.AnyBatch, p.config.Model.LatentDim}, Optional: true}},
			Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
				x := rows(in[0])
				o := Forward(s, net, x, in[1])
				bce, kl := o.Loss(x)
				return map[string]*graph.Node{
					"recon_x": p.file(graph.Sigmoid(o.Logits)), "mu": o.Mu, "logvar": o.LogVar, "loss": graph.Add(bce, kl),
				}
			},
		}, nil
	}
}

func openScore(read func(spec.Config) (published, error)) func(spec.Config) (*spec.Pass, error) {
	return func(given spec.Config) (*spec.Pass, error) {
		p, err := read(given)
		if err != nil {
			return nil, err
		}
		net, err := newCoder(p.config.Model)
		if err != nil {
			return nil, err
		}
		return &spec.Pass{
			Net:    net,
			Inputs: []spec.Input{p.x(), {Name: "eps", DType: torch.F32, Shape: []int{spec.AnyLength, spec.AnyBatch, p.config.Model.LatentDim}}},
			Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
				o := score(s, net, rows(in[0]), in[1])
				return map[string]*graph.Node{
					"mu": o.mu, "logvar": o.logvar, "log_likelihood": o.logLikelihood, "kl": o.kl, "elbo": o.elbo, "iwae": o.iwae,
					"reconstruction_log_probability": o.logProbability, "reconstruction_error": o.meanError,
				}
			},
		}, nil
	}
}

func openStep(read func(spec.Config) (published, error)) func(spec.Config) (*spec.Training, error) {
	return func(given spec.Config) (*spec.Training, error) {
		p, err := read(given)
		if err != nil {
			return nil, err
		}
		net, err := newCoder(p.config.Model)
		if err != nil {
			return nil, err
		}
		step := Step(net, p.config)
		return &spec.Training{
			Parts:  []spec.Part{{Module: net}},
			Inputs: []spec.Input{p.x(), {Name: "eps", DType: torch.F32, Shape: []int{spec.AnyBatch, p.config.Model.LatentDim}}},
			Names:  []string{"loss", "", ""},
			Step: func(s *model.Scope, batch train.Batch) train.Stepped {
				stepped := step(s, train.Batch{rows(batch[0]), batch[1]})
				examples := float64(batch[0].Shape().Dim(0))
				stepped.Metrics[0] = graph.MulScalar(stepped.Metrics[0], examples) // PyTorch's is summed
				return stepped
			},
		}, nil
	}
}
