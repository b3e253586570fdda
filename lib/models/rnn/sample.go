package rnn

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// SampleConfig says how to write.
type SampleConfig struct {
	// Prompt is what stands before; "" begins with a line break, or the vocabulary's first character.
	Prompt string `flag:"prompt" help:"text to go on from"`
	Length int    `flag:"length" short:"n" help:"characters to write"`
	// Temperature 0 always takes the likeliest; 1 draws from the model's own distribution.
	Temperature float64 `flag:"temperature" help:"0 takes the likeliest; higher is bolder"`
	TopK        int     `flag:"top-k" help:"draw from the n likeliest characters; 0 is all"`
	TopP        float64 `flag:"top-p" help:"draw from the likeliest that together have this probability; 0 is all"`
	Seed        uint64  `flag:"seed" help:"the same seed gives the same text"`

	// Stream, when given, gets the text as it comes, in pieces. An error of it ends the writing.
	Stream func(text string) error
}

// chunk is the number of characters that one call of the compiled loop writes.
const chunk = 256

func (c SampleConfig) validate() error {
	switch {
	case c.Length < 1:
		return fmt.Errorf("rnn: length is %d: it must be at least 1", c.Length)
	case c.Temperature < 0:
		return fmt.Errorf("rnn: temperature is %g: it must be at least 0", c.Temperature)
	case c.TopK < 0:
		return fmt.Errorf("rnn: top_k is %d: it must be positive, or 0 for all", c.TopK)
	case c.TopP < 0 || c.TopP > 1:
		return fmt.Errorf("rnn: top_p is %g: it must be between 0 and 1", c.TopP)
	}
	return nil
}

// Sample writes text on from a prompt. The loop over characters is one compiled graph, called once for each 256 of them.
func (m *Model) Sample(ctx context.Context, c SampleConfig) (string, error) {
	if err := c.validate(); err != nil {
		return "", err
	}
	tokens, err := m.prompt(c.Prompt)
	if err != nil {
		return "", err
	}
	state, err := m.read(ctx, tokens[:len(tokens)-1])
	if err != nil {
		return "", err
	}
	token := tensors.FromValue([]int32{tokens[len(tokens)-1]})
	var text strings.Builder
	vocab := []rune(m.Config.Vocab)
	for done := 0; done < c.Length; done += chunk {
		args := append([]any{[]uint32{uint32(c.Seed >> 32), uint32(c.Seed)}, int32(done), c.options(len(vocab)), token}, state...)
		out, err := c.write(ctx, m, args)
		if err != nil {
			return text.String(), err
		}
		written, err := tensors.CopyFlatData[int32](out[0])
		if err != nil {
			return text.String(), fmt.Errorf("rnn: reading what was written: %w", err)
		}
		token = tensors.FromValue([]int32{written[chunk-1]})
		for i, t := range out[1:] {
			state[i] = t
		}
		piece := make([]rune, min(chunk, c.Length-done))
		for i := range piece {
			piece[i] = vocab[written[i]]
		}
		text.WriteString(string(piece))
		if c.Stream != nil {
			if err := c.Stream(string(piece)); err != nil {
				return text.String(), err
			}
		}
	}
	return text.String(), nil
}

// prompt gives the numbers of the prompt's characters, at least one.
func (m *Model) prompt(text string) ([]int32, error) {
	vocab := []rune(m.Config.Vocab)
	if text == "" {
		return []int32{int32(max(0, slices.Index(vocab, '\n')))}, nil
	}
	var tokens []int32
	for i, r := range []rune(text) {
		at := slices.Index(vocab, r)
		if at < 0 {
			return nil, fmt.Errorf("rnn: character %d of the prompt is %q, which the model hasn't seen in training", i+1, r)
		}
		tokens = append(tokens, int32(at))
	}
	return tokens, nil
}

// read gives the state after some characters, perhaps none.
func (m *Model) read(ctx context.Context, tokens []int32) ([]any, error) {
	state := m.zeroState(1)
	for _, t := range tokens {
		out, err := m.run.Call(ctx, "read", func(s *model.Scope, in []*graph.Node) []*graph.Node {
			logits, last := m.net.Forward(s, in[0], stateOf(in[1:]))
			return append(states(last), logits) // compute v0.1.3's pure-Go backend fails where nothing asks for the logits
		}, append([]any{[][]int32{{t}}}, state...)...)
		if err != nil {
			return nil, err
		}
		for i := range state {
			state[i] = out[i]
		}
	}
	return state, nil
}

// options are temperature, top-k and top-p as the graph takes them.
func (c SampleConfig) options(vocab int) []float32 {
	k, p := c.TopK, c.TopP
	if c.Temperature == 0 {
		return []float32{1, 1, 1}
	}
	if k == 0 {
		k = vocab
	}
	if p == 0 {
		p = 1
	}
	return []float32{float32(c.Temperature), float32(k), float32(p)}
}

// write calls one of two graphs: most texts are drawn from all characters, and need not rank them.
func (c SampleConfig) write(ctx context.Context, m *Model, args []any) ([]*tensors.Tensor, error) {
	if c.Temperature > 0 && c.TopK == 0 && (c.TopP == 0 || c.TopP == 1) {
		return m.run.Call(ctx, "write", m.writing(false), args...)
	}
	return m.run.Call(ctx, "write from the likeliest", m.writing(true), args...)
}

// writing is the graph that writes a chunk. Its inputs are the random key, the number of characters written before, the options, the
// last character [1] and the state; its outputs the characters [chunk] and the state.
func (m *Model) writing(cut bool) func(s *model.Scope, in []*graph.Node) []*graph.Node {
	return func(s *model.Scope, in []*graph.Node) []*graph.Node {
		key, done, options := in[0], in[1], in[2]
		init := in[3:]
		option := func(i int) *graph.Node { return graph.Reshape(graph.Slice(options, graph.AxisElem(i))) }
		drawing := nn.Drawing{Temperature: option(0)}
		if cut {
			drawing.TopK, drawing.TopP = option(1), option(2)
		}
		inputs := m.net.RNN.Project(s, m.net.Embed.Weight.Node(s, key.Graph())) // what each character adds to the gates
		final, ys := nn.Scan(nn.ScanConfig{Length: chunk, Unroll: nn.UnrollNever, NoGradient: true}, init, nil,
			func(step *graph.Node, state, _ []*graph.Node) (next, written []*graph.Node) {
				y, last := m.net.RNN.Step(s, nn.TakeAt(inputs, graph.Reshape(state[0]), 0), stateOf(state[1:]))
				logits := m.net.Head.Forward(s, y)
				place := nn.Fold(key, graph.ConvertDType(graph.Add(done, step), dtypes.Uint32))
				token := drawing.Token(place, graph.Reshape(logits, 1, -1))
				return append([]*graph.Node{token}, states(last)...), []*graph.Node{graph.Reshape(token)}
			})
		return append(ys, final[1:]...)
	}
}
