package gan

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Sample makes n points. The same seed and number give the same points.
func (m *Model) Sample(ctx context.Context, n int, seed uint64) ([][]float32, error) {
	if n < 1 {
		return nil, fmt.Errorf("gan: number is %d: it must be at least 1", n)
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
		return nil, errors.New("gan: no point was given")
	}
	for i, p := range points {
		if len(p) != m.Config.Dims {
			return nil, fmt.Errorf("gan: point %d has %d values: it must have %d", i, len(p), m.Config.Dims)
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
