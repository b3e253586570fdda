package bert

import (
	"context"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Look is what an encoder makes of a text.
type Look struct {
	Hidden    [][][]float32   // [layer+1][piece][embed]: each piece's vector before the first layer and after each
	Attention [][][][]float32 // [layer][head][query][key]: where each head looked
}

// Inspect looks at a text: pieces with [CLS] and [SEP]; types may be nil.
func (m *Model) Inspect(ctx context.Context, text, types []int32) (*Look, error) {
	if _, err := m.Config.batches([][]int32{text}, nil); err != nil {
		return nil, err
	}
	if types == nil || m.Config.Types == 0 {
		types = make([]int32, len(text))
	}
	out, err := m.run.Call(ctx, "inspect", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		e := m.net.Encoder
		hidden, weights := make([]*graph.Node, m.Config.Layers+1), make([]*graph.Node, m.Config.Layers)
		nn.Watch(s, in[0].Graph(), func(_ *model.Scope, layer any, y *graph.Node) {
			if layer == any(e.Embeddings.Dropout) {
				hidden[0] = y
			}
			for i, l := range e.Stack.Layers {
				switch layer {
				case any(l.Attention.Self.Dropout): // which the weights go through
					weights[i] = y
				case any(l):
					hidden[i+1] = y
				}
			}
		})
		e.Forward(s, Text{Pieces: in[0], Types: in[1]})
		return []*graph.Node{graph.Concatenate(hidden, 0), graph.Concatenate(weights, 0)}
	}, [][]int32{text}, [][]int32{types})
	if err != nil {
		return nil, err
	}
	return &Look{out[0].Value().([][][]float32), out[1].Value().([][][][]float32)}, nil
}
