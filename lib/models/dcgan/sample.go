package dcgan

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// chunk is how many pictures are made at once.
const chunk = 64

// Noise draws n points of the latent space from N(0, 1): n of nz values. The same seed gives the same points.
func (m *Model) Noise(ctx context.Context, n int, seed uint64) ([][]float32, error) {
	if n < 1 {
		return nil, fmt.Errorf("dcgan: number is %d: it must be at least 1", n)
	}
	var z [][]float32
	for i := uint32(0); len(z) < n; i++ {
		out, err := m.run.Call(ctx, "draw noise", func(_ *model.Scope, inputs []*graph.Node) []*graph.Node {
			return []*graph.Node{nn.Normal(inputs[0], chunk, m.Config.NZ)}
		}, []uint32{uint32(seed ^ seed>>32), i})
		if err != nil {
			return nil, err
		}
		z = append(z, out[0].Value().([][]float32)...)
	}
	return z[:n], nil
}

// Sample makes n pictures from noise: [size, size, nc] flat, values in [0, 1]. The same seed gives the same pictures; of a model with
// classes, picture i is of class i modulo their number.
func (m *Model) Sample(ctx context.Context, n int, seed uint64) ([][]float32, error) {
	z, err := m.Noise(ctx, n, seed)
	if err != nil {
		return nil, err
	}
	var labels []int
	for i := 0; m.Config.Classes > 0 && i < n; i++ {
		labels = append(labels, i%m.Config.Classes)
	}
	return m.Generate(ctx, z, labels)
}

// Generate makes a picture from each point of the latent space, and for a model with classes a label: what [Model.Sample] gives.
// z: n of nz values, labels: n, or nil.
func (m *Model) Generate(ctx context.Context, z [][]float32, labels []int) ([][]float32, error) {
	c := m.Config
	if len(z) == 0 {
		return nil, fmt.Errorf("dcgan: no latent point was given")
	}
	for i, point := range z {
		if len(point) != c.NZ {
			return nil, fmt.Errorf("dcgan: latent point %d has %d values, the model takes %d", i, len(point), c.NZ)
		}
	}
	if c.Classes == 0 && labels != nil || c.Classes > 0 && len(labels) != len(z) {
		return nil, fmt.Errorf("dcgan: %d labels for %d latent points and a model of %d classes: there must be one for each point, or none without classes",
			len(labels), len(z), c.Classes)
	}
	for i, l := range labels {
		if l < 0 || l >= c.Classes {
			return nil, fmt.Errorf("dcgan: label %d is %d: it must be 0 to %d", i, l, c.Classes-1)
		}
	}
	build := func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		var labels *graph.Node
		if c.Classes > 0 {
			labels = inputs[1]
		}
		x := m.generator.Forward(s.At("%s", m.samplingScope()), inputs[0], labels)
		return []*graph.Node{graph.MulScalar(graph.OnePlus(x), 0.5)}
	}
	var pictures [][]float32
	d := c.ImageSize * c.ImageSize * c.NC
	for from := 0; from < len(z); from += chunk {
		// Always a whole chunk, so that one compiled graph serves any number.
		points := make([]float32, chunk*c.NZ)
		classes := make([]int32, chunk)
		for i := range min(chunk, len(z)-from) {
			copy(points[i*c.NZ:], z[from+i])
			if labels != nil {
				classes[i] = int32(labels[from+i])
			}
		}
		args := []any{tensors.FromFlatDataAndDimensions(points, chunk, c.NZ)}
		if c.Classes > 0 {
			args = append(args, classes)
		}
		out, err := m.run.Call(ctx, "generate", build, args...)
		if err != nil {
			return nil, err
		}
		flat, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			return nil, fmt.Errorf("dcgan: generating: %w", err)
		}
		for i := range min(chunk, len(z)-from) {
			pictures = append(pictures, flat[i*d:(i+1)*d:(i+1)*d])
		}
	}
	return pictures, nil
}
