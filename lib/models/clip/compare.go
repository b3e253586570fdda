package clip

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Similarities are the cosines between where pictures, each [size·size·channels], and captions, each [text length - 1] with 0 where it has
// ended, point: [pictures][captions].
func (m *Model) Similarities(ctx context.Context, pictures [][]float32, captions [][]int32) ([][]float32, error) {
	c := m.Config
	d := c.ImageSize * c.ImageSize * c.Channels
	if len(pictures) == 0 || len(captions) == 0 {
		return nil, fmt.Errorf("clip: %d pictures and %d captions: there must be at least 1 of each", len(pictures), len(captions))
	}
	for i, p := range pictures {
		if len(p) != d {
			return nil, fmt.Errorf("clip: picture %d has %d values: it must have %d, %d high, %d wide, %d channels", i, len(p), d, c.ImageSize, c.ImageSize, c.Channels)
		}
	}
	for i, caption := range captions {
		if len(caption) != c.TextLength-1 {
			return nil, fmt.Errorf("clip: caption %d has %d tokens: it must have %d", i, len(caption), c.TextLength-1)
		}
		for at, token := range caption {
			if token < 0 || int(token) >= c.Vocab()-1 {
				return nil, fmt.Errorf("clip: token %d of caption %d is %d: it must be 0 to %d", at, i, token, c.Vocab()-2)
			}
		}
	}
	x := tensors.FromShape(shapes.Make(dtypes.Float32, len(pictures), c.ImageSize, c.ImageSize, c.Channels))
	if err := tensors.MutableFlatData(x, func(flat []float32) {
		for i, p := range pictures {
			copy(flat[i*d:], p)
		}
	}); err != nil {
		return nil, err
	}
	out, err := m.run.Call(ctx, "compare", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{graph.EinsumAxes(m.net.EncodePictures(s, in[0]), m.net.EncodeTexts(s, c.end(in[1])), [][2]int{{1, 1}}, nil)}
	}, x, captions)
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][]float32), nil
}

// Rank gives the places of values, the greatest first.
func Rank(values []float32) []int {
	places := make([]int, len(values))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	return places
}
