package cyclegan

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// chunk is how many pictures are translated at once.
const chunk = 50

// Translate makes pictures of the other kind: of kind B of those of kind A where there is true, else the other way. pictures: [size, size,
// channels] flat, values in [0, 1], and so is the result.
func (m *Model) Translate(ctx context.Context, pictures [][]float32, there bool) ([][]float32, error) {
	c := m.Config
	d := c.Size * c.Size * c.Channels
	for i, p := range pictures {
		if len(p) != d {
			return nil, fmt.Errorf("cyclegan: picture %d has %d values: it must have %d (%d high, %d wide, %d channels)", i, len(p), d, c.Size, c.Size, c.Channels)
		}
	}
	scope, name := genA, "translate to B"
	if !there {
		scope, name = genB, "translate to A"
	}
	var made [][]float32
	for from := 0; from < len(pictures); from += chunk {
		// Always a whole chunk, so that one compiled graph serves any number.
		x := make([]float32, chunk*d)
		n := min(chunk, len(pictures)-from)
		for i := range n {
			copy(x[i*d:], pictures[from+i])
		}
		out, err := m.run.Call(ctx, name, func(s *model.Scope, in []*graph.Node) []*graph.Node {
			y := m.nets.G.Forward(s.At("%s", scope), graph.AddScalar(graph.MulScalar(in[0], 2), -1))
			return []*graph.Node{graph.MulScalar(graph.OnePlus(y), 0.5)}
		}, tensors.FromFlatDataAndDimensions(x, chunk, c.Size, c.Size, c.Channels))
		if err != nil {
			return nil, err
		}
		flat, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			return nil, fmt.Errorf("cyclegan: translating: %w", err)
		}
		for i := range n {
			made = append(made, flat[i*d:(i+1)*d:(i+1)*d])
		}
	}
	return made, nil
}
