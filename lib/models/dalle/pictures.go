package dalle

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Pictures is what turns pictures to codes and back, with its weights. Its methods may be called from one goroutine at a time.
type Pictures struct {
	Config        DVAEConfig
	torch.Weights // Save and Load

	net *DVAE
	run *nn.Runner
}

// NewPictures makes one with fresh weights, which the seed decides.
func NewPictures(c DVAEConfig, seed uint64) (*Pictures, error) {
	net, err := NewDVAE(c)
	if err != nil {
		return nil, err
	}
	run, weights, err := train.Fresh(dvaeID, net, seed)
	if err != nil {
		return nil, err
	}
	return &Pictures{Config: c, Weights: weights, net: net, run: run}, nil
}

// TrainDVAE trains a dVAE or a VQ-VAE in cfg.Run, from where an earlier call left off, and returns it. data gives batches of pictures
// [batch, size, size, channels] in [0, 1]; whatever it gives besides is left aside. The metrics are loss, recon and kl, as [DVAEStep] says,
// and after each epoch, of cfg.Validation: bits a value, psnr in decibels and alive, the share of codes that are used.
func TrainDVAE(ctx context.Context, cfg DVAETraining, data train.Dataset) (*Pictures, error) {
	cfg = cfg.filled()
	var err error
	if cfg.Total, err = cfg.Schedule(cfg.Total, dvaeID, "total", data); err != nil {
		return nil, err
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	p, err := NewPictures(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	if cfg.Start != "" {
		if err := p.begin(cfg.Start); err != nil {
			return nil, err
		}
	}
	job := train.Job{
		Model: dvaeID, Config: cfg, Seed: cfg.Seed, Store: p.run.Store,
		Step: DVAEStep(p.net, cfg).First(1), Metrics: dvaeMetrics, Data: data,
	}
	if cfg.Validation != nil {
		job.Evaluate = func(ctx context.Context) ([]train.Metric, error) {
			f, err := p.Measure(ctx, cfg.Validation)
			return []train.Metric{{Name: "bits", Value: f.Bits}, {Name: "psnr", Value: f.PSNR}, {Name: "alive", Value: f.Alive}}, err
		}
	}
	job.AfterEpoch = train.WithModel(cfg.AfterEpoch, p)
	if err := train.Run(ctx, p.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return p, nil
}

// begin takes the weights of a run.
func (p *Pictures) begin(run string) error {
	from, err := OpenPictures(run)
	if err != nil {
		return fmt.Errorf("dalle: start: %w", err)
	}
	state, err := torch.Save(from.run.Store.RootScope(), from.net)
	if err != nil {
		return err
	}
	return torch.LoadOnto(p.run.Backend, p.run.Store.RootScope(), p.net, state, false)
}

// Fidelity is how well codes tell pictures.
type Fidelity struct {
	Bits  float64 // -log2 of the density of a value, given the codes; negative where the density is above 1
	PSNR  float64 // decibels: -10·log10 of the mean square between pictures and what their codes decode to
	Alive float64 // the share of codes that stand for some place of some picture
	// Perplexity is exp of the entropy of the codes' distribution: how many are used, each weighed by how often.
	Perplexity float64
}

// Measure measures one epoch of pictures by their likeliest codes.
func (p *Pictures) Measure(ctx context.Context, data train.Dataset) (Fidelity, error) {
	var nats, square float64
	counts, places := make([]float64, p.Config.Vocab), 0.0
	_, err := train.Mean(ctx, data, func(ctx context.Context, _ int, batch []*tensors.Tensor) (sum, count float64, err error) {
		out, err := p.run.Call(ctx, "measure", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			codes := p.net.Encode(s, in[0])
			stats := p.net.Decoder.Forward(s, p.net.vectors(s, codes))
			used := graph.ReduceSum(graph.OneHot(graph.Reshape(codes, -1), p.Config.Vocab, dtypes.Float32), 0)
			return []*graph.Node{
				graph.ReduceAllMean(NLL(MapPixels(in[0]), stats)), graph.ReduceAllMean(graph.Square(graph.Sub(in[0], Means(stats)))), used,
			}
		}, batch[0])
		if err != nil {
			return 0, 0, err
		}
		n := float64(batch[0].Shape().Dim(0))
		nats += n * float64(tensors.ToScalar[float32](out[0]))
		square += n * float64(tensors.ToScalar[float32](out[1]))
		for i, c := range out[2].Value().([]float32) {
			counts[i] += float64(c)
			places += float64(c)
		}
		return 0, n, nil
	})
	if err != nil {
		return Fidelity{}, err
	}
	pictures := places / float64(p.Config.side()*p.Config.side())
	f := Fidelity{Bits: nats / pictures / math.Ln2, PSNR: -10 * math.Log10(square/pictures)}
	var entropy float64
	for _, c := range counts {
		if c > 0 {
			f.Alive += 1 / float64(len(counts))
			entropy -= c / places * math.Log(c/places)
		}
	}
	f.Perplexity = math.Exp(entropy)
	return f, nil
}

// Encode gives the codes of pictures, each [size·size·channels] in [0, 1]: [pictures][side·side], row by row.
func (p *Pictures) Encode(ctx context.Context, pictures [][]float32) ([][]int32, error) {
	x, err := p.Config.batch(pictures)
	if err != nil {
		return nil, err
	}
	out, err := p.run.Call(ctx, "encode", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.Reshape(p.net.Encode(s, in[0]), in[0].Shape().Dim(0), -1)}
	}, x)
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][]int32), nil
}

// Decode gives the pictures, [size·size·channels] in [0, 1], of codes, [pictures][side·side].
func (p *Pictures) Decode(ctx context.Context, codes [][]int32) ([][]float32, error) {
	if err := p.Config.checkCodes(codes); err != nil {
		return nil, err
	}
	out, err := p.run.Call(ctx, "decode", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{p.net.decodeRows(s, in[0])}
	}, codes)
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][]float32), nil
}

// decodeRows is [DVAE.Decode] of codes [batch, side·side], to [batch, size·size·channels].
func (d *DVAE) decodeRows(s *model.Scope, codes *graph.Node) *graph.Node {
	side := d.config.side()
	return graph.Reshape(d.Decode(s, graph.Reshape(codes, -1, side, side)), codes.Shape().Dim(0), -1)
}

// batch puts pictures in one tensor.
func (c DVAEConfig) batch(pictures [][]float32) (*tensors.Tensor, error) {
	d := c.Size * c.Size * c.Channels
	if len(pictures) == 0 {
		return nil, fmt.Errorf("dalle: number of pictures is 0: it must be at least 1")
	}
	for i, p := range pictures {
		if len(p) != d {
			return nil, fmt.Errorf("dalle: picture %d has %d values: it must have %d, %d high, %d wide, %d channels", i, len(p), d, c.Size, c.Size, c.Channels)
		}
	}
	x := tensors.FromShape(shapes.Make(dtypes.Float32, len(pictures), c.Size, c.Size, c.Channels))
	return x, tensors.MutableFlatData(x, func(flat []float32) {
		for i, p := range pictures {
			copy(flat[i*d:], p)
		}
	})
}

// checkCodes refuses what decodes to no picture.
func (c DVAEConfig) checkCodes(codes [][]int32) error {
	if len(codes) == 0 {
		return fmt.Errorf("dalle: number of codes is 0: it must be those of at least 1 picture")
	}
	for i, row := range codes {
		if len(row) != c.side()*c.side() {
			return fmt.Errorf("dalle: picture %d has %d codes: it must have %d", i, len(row), c.side()*c.side())
		}
		for at, code := range row {
			if code < 0 || int(code) >= c.Vocab {
				return fmt.Errorf("dalle: code %d of picture %d is %d: it must be 0 to %d", at, i, code, c.Vocab-1)
			}
		}
	}
	return nil
}
