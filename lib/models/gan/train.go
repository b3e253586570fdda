package gan

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/train"
)

// id is the model's name in runs.
const id = "gan"

// Model is a GAN with its weights, ready to use. Its methods may be called from one goroutine at a time.
type Model struct {
	Config Config

	generator, discriminator *Net
	run                      *nn.Runner
}

// New makes a model with fresh weights, which the seed decides.
func New(c Config, seed uint64) (*Model, error) {
	g, d, err := NewNets(c)
	if err != nil {
		return nil, err
	}
	b, err := backend.Open()
	if err != nil {
		return nil, err
	}
	m := &Model{Config: c, generator: g, discriminator: d, run: nn.NewRunner(id, b)}
	root := m.run.Store.RootScope()
	if err := nn.Create(root.At(generatorScope), g, seed); err != nil {
		return nil, err
	}
	return m, nn.Create(root.At(discriminatorScope), d, seed)
}

// Train trains a model in cfg.Run, from where an earlier call left off, and returns it. data gives points [batch, dims].
// each, when given, is called after every epoch with the model as it stands.
// The metrics are loss_d, loss_g, d_x and d_g_z, D's mean verdict on real and made points. Errors are those of [train.Run].
func Train(ctx context.Context, cfg TrainConfig, data train.Dataset, each func(ctx context.Context, m *Model, epoch int) error) (*Model, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg = cfg.filled()
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	job := train.Job{
		Model: id, Config: cfg, Seed: cfg.Seed, Store: m.run.Store,
		Step: step(m.generator, m.discriminator, cfg), Metrics: metrics, Data: data,
	}
	if each != nil {
		job.AfterEpoch = func(ctx context.Context, epoch int, _ string) error { return each(ctx, m, epoch) }
	}
	if err := train.Run(ctx, m.run.Backend, job, cfg.Options); err != nil {
		return nil, err
	}
	return m, nil
}

// Sample makes n points. The same seed and number give the same points.
func (m *Model) Sample(ctx context.Context, n int, seed uint64) ([][]float32, error) {
	if n < 1 {
		return nil, fmt.Errorf("gan: asked for %d samples: ask for at least 1", n)
	}
	out, err := m.run.Call(ctx, fmt.Sprintf("sample %d", n), func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		return []*graph.Node{m.generator.Main.Forward(s.At(generatorScope), nn.Normal(inputs[0], n, m.Config.NZ))}
	}, []uint32{uint32(seed >> 32), uint32(seed)})
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][]float32), nil
}

// Judge gives the discriminator's logit for each point, [dims] each: above 0 it takes it for real.
func (m *Model) Judge(ctx context.Context, points [][]float32) ([]float32, error) {
	if len(points) == 0 {
		return nil, fmt.Errorf("gan: no point was given")
	}
	for i, p := range points {
		if len(p) != m.Config.Dims {
			return nil, fmt.Errorf("gan: point %d has %d values, the model takes %d", i, len(p), m.Config.Dims)
		}
	}
	out, err := m.run.Call(ctx, "judge", func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.Reshape(m.discriminator.Main.Forward(s.At(discriminatorScope), inputs[0]), -1)}
	}, points)
	if err != nil {
		return nil, err
	}
	return out[0].Value().([]float32), nil
}
