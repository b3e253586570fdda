package style

import (
	"context"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Paint gives a picture in the style that was learned, of its size rounded up to multiples of 4.
func (m *Model) Paint(ctx context.Context, picture Picture) (Picture, error) {
	if err := picture.check("content"); err != nil {
		return Picture{}, err
	}
	if err := picture.atLeast(20); err != nil { // 5 pixels, mirrored by 4, where it is reflected; and 4 by 4 deep inside
		return Picture{}, err
	}
	out, err := m.run.Call(ctx, "paint", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		made := m.net.Forward(s.At(netScope), graph.MulScalar(in[0], 255))
		return []*graph.Node{graph.DivScalar(made, 255)}
	}, picture.tensor())
	if err != nil {
		return Picture{}, err
	}
	made, err := pictureOf(out[0])
	return made.clipped(), err
}
