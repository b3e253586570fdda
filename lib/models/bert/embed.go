package bert

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Rows of a batch, and the multiple that its length is padded to: each pair of rows and length is a graph of its own.
const (
	batchRows   = 32
	lengthRound = 16
)

// padded is some texts as one batch of lengths that are near each other.
type padded struct {
	places              []int // of the texts among all
	pieces, mask, types [][]int32
}

// batches puts texts of like length together, the shortest first, and pads them as little as few shapes allow. types may be nil.
func (c Config) batches(texts, types [][]int32) ([]padded, error) {
	order := make([]int, len(texts))
	for i, t := range texts {
		if len(t) < 1 || len(t) > c.Longest() {
			return nil, fmt.Errorf("bert: text %d has %d pieces: it must have 1 to %d", i, len(t), c.Longest())
		}
		for _, id := range t {
			if id < 0 || int(id) >= c.VocabSize {
				return nil, fmt.Errorf("bert: text %d has piece %d: the model's vocabulary has 0 to %d", i, id, c.VocabSize-1)
			}
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(texts[a]) - len(texts[b]) })
	var list []padded
	for group := range slices.Chunk(order, batchRows) {
		longest := len(texts[group[len(group)-1]])
		length := min(c.Longest(), (longest+lengthRound-1)/lengthRound*lengthRound)
		rows := 1
		for rows < len(group) {
			rows *= 2
		}
		b := padded{places: group}
		for row := range rows {
			pieces, mask, kinds := make([]int32, length), make([]int32, length), make([]int32, length)
			for i := range pieces {
				pieces[i] = int32(c.Padding)
			}
			at := group[min(row, len(group)-1)] // a row too many repeats the last
			text := texts[at]
			copy(pieces, text)
			if types != nil {
				copy(kinds, types[at])
			}
			for i := range text {
				mask[i] = 1
			}
			b.pieces, b.mask, b.types = append(b.pieces, pieces), append(b.mask, mask), append(b.types, kinds)
		}
		list = append(list, b)
	}
	return list, nil
}

// Embed gives a vector of length 1 for each text, the mean of its pieces' (Reimers & Gurevych, "Sentence-BERT", 2019, section 3): the
// nearer two are, by their product, the nearer the meanings. texts: pieces with [CLS] and [SEP]; result: [text][embed].
func (m *Model) Embed(ctx context.Context, texts [][]int32) ([][]float32, error) {
	batches, err := m.Config.batches(texts, nil)
	if err != nil {
		return nil, err
	}
	all := make([][]float32, len(texts))
	for _, b := range batches {
		out, err := m.run.Call(ctx, "embed", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			hidden := m.net.Encoder.Forward(s, Text{Pieces: in[0], Mask: in[1]})
			return []*graph.Node{Unit(Mean(hidden, in[1]))}
		}, b.pieces, b.mask)
		if err != nil {
			return nil, err
		}
		vectors := out[0].Value().([][]float32)
		for row, place := range b.places {
			all[place] = vectors[row]
		}
	}
	return all, nil
}
