package classifier

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

// Features gives what the model sees in pictures, [features] each, and their classes.
// pictures: [size, size, channels] flat, values in [0, 1].
func (m *Model) Features(ctx context.Context, pictures [][]float32) (features [][]float32, classes []int, err error) {
	err = m.look(ctx, pictures, func(out []*tensors.Tensor, n int) {
		features = append(features, out[0].Value().([][]float32)[:n]...)
		for _, class := range out[1].Value().([]int32)[:n] {
			classes = append(classes, int(class))
		}
	})
	return features, classes, err
}

// Probabilities gives how likely each class is in each picture, [classes] each. pictures are those of [Model.Features].
func (m *Model) Probabilities(ctx context.Context, pictures [][]float32) (probabilities [][]float32, err error) {
	err = m.look(ctx, pictures, func(out []*tensors.Tensor, n int) {
		probabilities = append(probabilities, out[2].Value().([][]float32)[:n]...)
	})
	return probabilities, err
}

// look classifies pictures a chunk at a time; each gets what classify gives, of which the first n are of pictures.
func (m *Model) look(ctx context.Context, pictures [][]float32, each func(out []*tensors.Tensor, n int)) error {
	c := m.Config
	d := c.Size * c.Size * c.Channels
	for i, p := range pictures {
		if len(p) != d {
			return fmt.Errorf("classifier: picture %d has %d values: it must have %d (%d high, %d wide, %d channels)",
				i, len(p), d, c.Size, c.Size, c.Channels)
		}
	}
	for from := 0; from < len(pictures); from += chunk {
		n := min(chunk, len(pictures)-from)
		// Always a whole chunk, so that one compiled graph serves any number.
		x := tensors.FromShape(shapes.Make(dtypes.Float32, chunk, c.Size, c.Size, c.Channels))
		err := tensors.MutableFlatData(x, func(flat []float32) {
			for i := range n {
				copy(flat[i*d:], pictures[from+i])
			}
		})
		if err != nil {
			return fmt.Errorf("classifier: %w", err)
		}
		out, err := m.run.Call(ctx, "classify", m.classify, x)
		if err != nil {
			return err
		}
		each(out, n)
	}
	return nil
}

// classify gives the features of pictures, their classes, and how likely each class is.
func (m *Model) classify(s *model.Scope, inputs []*graph.Node) []*graph.Node {
	features, logits := m.net.Forward(s, inputs[0])
	return []*graph.Node{features, graph.ArgMax(logits, -1), graph.Softmax(logits)}
}
