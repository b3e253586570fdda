package bert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Fill gives the probability of each piece of the vocabulary at places of a text, each by itself: of several blanks none knows what fills
// the others. text: pieces with [CLS] and [SEP]; result: [place][vocabulary].
func (m *Model) Fill(ctx context.Context, text []int32, places []int32) ([][]float32, error) {
	if !m.Config.Head.predicts() {
		return nil, errors.New("bert: this model has no head that tells pieces: it can't fill blanks; take one of BertForMaskedLM")
	}
	if len(places) == 0 {
		return nil, errors.New("bert: there is no blank to fill")
	}
	for _, p := range places {
		if p < 0 || int(p) >= len(text) {
			return nil, fmt.Errorf("bert: place %d: the text has 0 to %d", p, len(text)-1)
		}
	}
	batches, err := m.Config.batches([][]int32{text}, nil)
	if err != nil {
		return nil, err
	}
	out, err := m.run.Call(ctx, "fill", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		hidden := graph.Squeeze(m.net.Encoder.Forward(s, Text{Pieces: in[0], Mask: in[1]}), 0)
		there := graph.Gather(hidden, graph.InsertAxes(in[2], -1)) // [place, embed]
		return []*graph.Node{graph.Softmax(m.net.Pieces.Predictions.Forward(s, there), -1)}
	}, batches[0].pieces, batches[0].mask, places)
	if err != nil {
		return nil, err
	}
	return out[0].Value().([][]float32), nil
}

// Choice is a piece with its probability.
type Choice struct {
	Piece int32
	Value float64
}

// Best are the n likeliest pieces, the likeliest first.
func Best(probabilities []float32, n int) []Choice {
	list := make([]Choice, len(probabilities))
	for i, v := range probabilities {
		list[i] = Choice{int32(i), float64(v)}
	}
	slices.SortStableFunc(list, func(a, b Choice) int { return cmp.Compare(b.Value, a.Value) })
	return list[:min(max(n, 0), len(list))]
}
