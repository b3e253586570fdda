package wavenet

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Expect gives, for each sample of a recording, in [-1, 1], what the model thought that it might be, of those before: the probabilities of its
// codes, [samples][classes]. Speaker and digit are the recording's, of those that the model was trained on; "" is the first.
func (m *Model) Expect(ctx context.Context, samples []float32, speaker, digit string) ([][]float32, error) {
	if len(samples) == 0 {
		return nil, errors.New("wavenet: a recording without a sample: it must have one at least")
	}
	if m.Config.Local > 0 {
		return nil, fmt.Errorf("wavenet: local_channels is %d: it must be 0, for nothing says what the condition would be", m.Config.Local)
	}
	condition, err := m.Config.Condition(speaker, digit)
	if err != nil {
		return nil, err
	}
	inputs := []any{tensors.FromFlatDataAndDimensions(samples, 1, len(samples))}
	if len(condition) > 0 {
		inputs = append(inputs, tensors.FromFlatDataAndDimensions(condition, 1, len(condition)))
	}
	out, err := m.run.Call(ctx, "expect", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		classes := m.Config.Classes
		codes := Encode(in[0], classes)
		first := graph.AddScalar(graph.ZerosLike(graph.Slice(codes, graph.AxisRange(), graph.AxisRange(0, 1))), Silence(classes))
		before := graph.Slice(graph.Concatenate([]*graph.Node{first, codes}, 1), graph.AxisRange(), graph.AxisRange(0, codes.Shape().Dim(1)))
		given := Condition{}
		if len(in) > 1 {
			given.Global = in[1]
		}
		return []*graph.Node{graph.Softmax(m.net.Forward(s, before, given), -1)}
	}, inputs...)
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][][]float32)[0], nil
}
