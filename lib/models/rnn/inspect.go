package rnn

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Gates are what an LSTM's first layer let through while it read a text: a row for each character, a column for each cell.
type Gates struct {
	Input, Forget, Output [][]float32 // in (0, 1)
	Candidate             [][]float32 // in (-1, 1): what the input gate lets in
}

// Gates reads a text from a zero state on and shows the first layer's gates.
func (m *Model) Gates(ctx context.Context, text string) (Gates, error) {
	if m.Config.Cell != "lstm" {
		return Gates{}, fmt.Errorf("rnn: the model's cells are %s: gates are shown of lstm", m.Config.Cell)
	}
	tokens, err := m.prompt(text)
	if err != nil {
		return Gates{}, err
	}
	out, err := m.run.Call(ctx, "show the gates", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		i, f, c, o := m.net.RNN.Gates(s, m.net.Embed.Forward(s, in[0]))
		list := []*graph.Node{i, f, c, o}
		for i, n := range list {
			list[i] = graph.Squeeze(n, 0)
		}
		return list
	}, [][]int32{tokens})
	if err != nil {
		return Gates{}, err
	}
	rows := func(i int) [][]float32 { return out[i].Value().([][]float32) }
	return Gates{Input: rows(0), Forget: rows(1), Candidate: rows(2), Output: rows(3)}, nil
}

// Reach reads all of a text but its last character and tells how far back the prediction of that one looks: the norm of the gradient of
// its loss with respect to the vector of each character read, in the text's order. Where it vanishes, nothing can be learnt (Bengio
// et al., "Learning long-term dependencies with gradient descent is difficult", 1994).
func (m *Model) Reach(ctx context.Context, text string) ([]float64, error) {
	tokens, err := m.prompt(text)
	if err != nil {
		return nil, err
	}
	if len(tokens) < 2 {
		return nil, errors.New("rnn: a prediction needs a text of at least 2 characters")
	}
	last := len(tokens) - 1
	out, err := m.run.Call(ctx, "look back", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		x := m.net.Embed.Forward(s, in[0])
		y, _ := m.net.RNN.Forward(s, x, m.net.RNN.ZeroState(x.Graph(), 1), nil)
		final := graph.Slice(y, graph.AxisRange(), graph.AxisElem(-1))
		loss := graph.ReduceAllSum(nn.CrossEntropy(m.net.Head.Forward(s, final), in[1]))
		return []*graph.Node{graph.L2Norm(graph.Gradient(loss, x)[0], -1)}
	}, [][]int32{tokens[:last]}, [][]int32{{tokens[last]}})
	if err != nil {
		return nil, err
	}
	flat, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		return nil, fmt.Errorf("rnn: reading the gradient's norms: %w", err)
	}
	norms := make([]float64, len(flat))
	for i, v := range flat {
		norms[i] = float64(v)
	}
	return norms, nil
}
