package gpt

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Look is what a model makes of a text.
type Look struct {
	Next      [][]float32     // [length][vocabulary]: the probability of each token after each of the text's
	Loss      []float64       // [length-1]: -log of the probability that each token but the first was given, in nats
	Attention [][][][]float32 // [layer][head][query][key]: where each head looked
}

// Inspect looks at a text of at most the context's length.
func (m *Model) Inspect(ctx context.Context, text []int32) (*Look, error) {
	if err := (SampleConfig{Tokens: 1, Slide: true}).validate(m, [][]int32{text}); err != nil {
		return nil, err
	}
	if len(text) > m.Config.Context {
		return nil, fmt.Errorf("gpt: a text of %d tokens exceeds the context, %d", len(text), m.Config.Context)
	}
	out, err := m.run.Call(ctx, "inspect", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		weights := make([]*graph.Node, m.Config.Layers)
		nn.Watch(s, in[0].Graph(), func(_ *model.Scope, layer any, y *graph.Node) {
			for i, b := range m.net.Transformer.Blocks {
				if layer == any(b.Attention.Dropout) { // which the weights go through
					weights[i] = y
				}
			}
		})
		next := graph.Softmax(m.net.forward(s, in[0], (*Attention).atOnce), -1)
		return []*graph.Node{graph.Squeeze(next, 0), graph.Concatenate(weights, 0)}
	}, [][]int32{text})
	if err != nil {
		return nil, err
	}
	look := &Look{Next: out[0].Value().([][]float32)}
	for i, token := range text[1:] {
		look.Loss = append(look.Loss, -math.Log(max(float64(look.Next[i][token]), math.SmallestNonzeroFloat32)))
	}
	look.Attention = out[1].Value().([][][][]float32)
	return look, nil
}

// Choice is a token with its probability, or its likeness to another.
type Choice struct {
	Token int32
	Value float64
}

// Best are the n tokens of the highest values, the highest first.
func Best(values []float32, n int) []Choice {
	list := make([]Choice, len(values))
	for i, v := range values {
		list[i] = Choice{int32(i), float64(v)}
	}
	slices.SortStableFunc(list, func(a, b Choice) int { return cmp.Compare(b.Value, a.Value) })
	return list[:min(max(n, 0), len(list))]
}

// Neighbours are the n tokens whose embeddings point most nearly where a token's does, by the cosine of the angle.
func (m *Model) Neighbours(ctx context.Context, token int32, n int) ([]Choice, error) {
	if token < 0 || int(token) >= m.Config.VocabSize {
		return nil, fmt.Errorf("gpt: token %d: the vocabulary has 0 to %d", token, m.Config.VocabSize-1)
	}
	out, err := m.run.Call(ctx, "compare embeddings", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		table := m.net.Transformer.Tokens.Weight.Node(s, in[0].Graph())
		length := graph.Sqrt(graph.ReduceAndKeep(graph.Square(table), graph.ReduceSum, -1))
		table = graph.Div(table, graph.MaxScalar(length, 1e-12))
		one := graph.Gather(table, graph.InsertAxes(in[0], -1)) // [1, embed]
		return []*graph.Node{graph.Squeeze(graph.EinsumAxes(table, one, [][2]int{{1, 1}}, nil), 1)}
	}, []int32{token})
	if err != nil {
		return nil, err
	}
	cosines := out[0].Value().([]float32)
	cosines[token] = float32(math.Inf(-1))
	return Best(cosines, min(n, m.Config.VocabSize-1)), nil
}

// Induction says of each head how much it looks at what came after the last occurrence of the token that it stands at, in a text that
// repeats itself every period tokens: the mean weight, 0 to 1, [layer][head] (Olsson et al., "In-context learning and induction heads",
// 2022, "prefix matching").
func Induction(attention [][][][]float32, period int) ([][]float64, error) {
	scores := make([][]float64, len(attention))
	for l, layer := range attention {
		for _, head := range layer {
			if period < 1 || period >= len(head) {
				return nil, fmt.Errorf("gpt: period is %d: it must be 1 to %d, less than the text's length", period, len(head)-1)
			}
			sum := 0.0
			for q := period; q < len(head); q++ {
				sum += float64(head[q][q-period+1])
			}
			scores[l] = append(scores[l], sum/float64(len(head)-period))
		}
	}
	return scores, nil
}
