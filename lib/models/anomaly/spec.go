package anomaly

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/spec"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Spec declares the model to the rest of the house.
var Spec = &spec.Model{
	ID:        id,
	Section:   "Variational autoencoder: equipment that fails",
	Heading:   "Вариационные автоэнкодеры: anomalies of industrial equipment, in time",
	Needs:     "a CSV file of sensors; the Skoltech Anomaly Benchmark by genlab data skab",
	Notebooks: []string{"18_anomalies"},
	State:     "equal to PyTorch's steps and scores; judged on SKAB by its authors' evaluator",
	Presets: []spec.Preset{
		{Name: "default", About: "dense, a minute of rows", Config: Default()},
		{Name: "convolutional", About: "convolutions over a minute", Config: Convolutional()},
		{Name: "recurrent", About: "LSTMs, twenty rows", Config: Recurrent()},
		{Name: "table", About: "rows that are no series", Config: Table()},
		{Name: "tiny", Config: Tiny()},
	},
	Nets: []spec.Net{{ID: id, Open: open}},
	Step: openStep,
	Workloads: []*spec.Workload{{
		Name:      id,
		About:     "the detector's VAE on windows of sensors, a training step; the noise comes with the data",
		Peer:      id,
		Tolerance: 1e-4,
		Sizes:     spec.Sizes{"batch": 64, "sensors": 8, "window": 60, "hidden": 32, "latent": 2},
		Tiny:      spec.Sizes{"batch": 4, "sensors": 3, "window": 4, "hidden": 6, "latent": 2},
		Growth:    map[string][]int{"batch": {64, 256, 1024}, "window": {10, 60, 240}},
		Aims:      [2]float64{1.3, 1.1},
		Open: func(z spec.Sizes) (*spec.Side, error) {
			c := Config{Sensors: z["sensors"], Window: z["window"], Net: "dense", Hidden: z["hidden"], Latent: z["latent"]}
			return spec.StepSide(id, openLoss, c, map[int]int{spec.AnyBatch: z["batch"]})
		},
	}},
}

// inputs are those of a pass and of a step; a step's noise is one sample.
func inputs(c Config, eps ...int) []spec.Input {
	window := []int{spec.AnyBatch, c.Window, c.Sensors}
	return []spec.Input{
		{Name: "x", DType: torch.F32, Shape: window},
		{Name: "mask", DType: spec.Mask, Shape: window},
		{Name: "eps", DType: torch.F32, Shape: append(eps, spec.AnyBatch, c.Latent)},
	}
}

// given are windows as a file has them: what is missing is 0, whatever stands there.
func given(x, mask *graph.Node) *graph.Node {
	return graph.Where(graph.GreaterThan(mask, graph.ZerosLike(mask)), x, graph.ZerosLike(x))
}

func open(config spec.Config) (*spec.Pass, error) {
	c := Default()
	if err := config.Decode(&c); err != nil {
		return nil, err
	}
	net, err := NewNet(c)
	if err != nil {
		return nil, err
	}
	return &spec.Pass{
		Net:    net,
		Inputs: inputs(c, spec.AnyLength),
		Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			o := score(s, net, given(in[0], in[1]), in[1], in[2])
			return map[string]*graph.Node{
				"mu": o.mu, "logvar": o.logvar, "log_likelihood": o.logLikelihood, "kl": o.kl, "elbo": o.elbo, "iwae": o.iwae,
				"energy": o.energy, "mean": o.mean, "reconstruction_log_probability": graph.ReduceMean(o.logLikelihood, 0),
			}
		},
	}, nil
}

// openLoss is the step of which the loss alone is compared.
func openLoss(config spec.Config) (*spec.Training, error) {
	t, err := openStep(config)
	if err == nil {
		t.Names = []string{"loss", "", ""}
	}
	return t, err
}

func openStep(config spec.Config) (*spec.Training, error) {
	recipe := Recipe()
	c := struct {
		Config
		Rate float64 `json:"lr"`
		Eps  float64 `json:"eps"`
	}{recipe.Model, recipe.Rate, 0}
	if err := config.Decode(&c); err != nil {
		return nil, err
	}
	if err := spec.CheckRate(c.Rate); err != nil {
		return nil, err
	}
	net, err := NewNet(c.Config)
	if err != nil {
		return nil, err
	}
	step := Step(net, TrainConfig{Model: c.Config, Rate: c.Rate, Eps: c.Eps})
	return &spec.Training{
		Parts:  []spec.Part{{Module: net}},
		Inputs: inputs(c.Config),
		Names:  metrics,
		Step: func(s *model.Scope, in train.Batch) train.Stepped {
			return step(s, train.Batch{given(in[0], in[1]), in[1], in[2]})
		},
	}, nil
}
