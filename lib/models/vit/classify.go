package vit

import (
	"context"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// chunk is how many pictures are looked at at once.
const chunk = 250

// Classify gives the probability of each class, [pictures][classes]. pictures: [image size, image size, channels] flat, values as the
// model was trained on, in [0, 1] for those of [Train].
func (m *Model) Classify(ctx context.Context, pictures [][]float32) ([][]float32, error) {
	var all [][]float32
	for from := 0; from < len(pictures); from += chunk {
		x, err := m.batch(pictures[from:min(from+chunk, len(pictures))])
		if err != nil {
			return nil, err
		}
		probabilities, err := m.probabilities(ctx, x)
		if err != nil {
			return nil, err
		}
		all = append(all, probabilities...)
	}
	return all, nil
}

// batch puts pictures in one tensor.
func (m *Model) batch(pictures [][]float32) (*tensors.Tensor, error) {
	c := m.Config
	d := c.ImageSize * c.ImageSize * c.Channels
	x := tensors.FromShape(shapes.Make(dtypes.Float32, len(pictures), c.ImageSize, c.ImageSize, c.Channels))
	for i, p := range pictures {
		if len(p) != d {
			return nil, fmt.Errorf("vit: picture %d has %d values: it must have %d (%d high, %d wide, %d channels)",
				i, len(p), d, c.ImageSize, c.ImageSize, c.Channels)
		}
	}
	return x, tensors.MutableFlatData(x, func(flat []float32) {
		for i, p := range pictures {
			copy(flat[i*d:], p)
		}
	})
}

func (m *Model) probabilities(ctx context.Context, x *tensors.Tensor) ([][]float32, error) {
	out, err := m.run.Call(ctx, "classify", func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.Softmax(m.net.Forward(s, inputs[0]).Logits, -1)}
	}, x)
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][]float32), nil
}

// Best is the place of the greatest probability.
func Best(probabilities []float32) int {
	best := 0
	for i, p := range probabilities {
		if p > probabilities[best] {
			best = i
		}
	}
	return best
}
