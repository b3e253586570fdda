package dalle

import (
	"context"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Attention says how much each place of a picture looked at each word of its caption when its code was drawn: the mean weight over layers
// and heads, [side·side][text length]. What is left to 1 went to the beginning and to the places before. caption: [text length], codes:
// [side·side].
func (m *Model) Attention(ctx context.Context, caption, codes []int32) ([][]float32, error) {
	if err := m.check([][]int32{caption}, SampleConfig{Temperature: 1, Given: codes}); err != nil {
		return nil, err
	}
	length := m.Config.TextLength
	out, err := m.run.Call(ctx, "inspect", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		_, weights := m.net.Transformer.pass(s, in[0], in[1])
		mean := graph.ReduceMean(graph.Stack(weights, 0), 0, 1, 2) // [query, key]
		return []*graph.Node{graph.Slice(mean, graph.AxisRangeToEnd(length), graph.AxisRange(1, 1+length))}
	}, [][]int32{caption}, [][]int32{codes})
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][]float32), nil
}
