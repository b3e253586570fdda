package gpt

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"genlab/lib/nn"
)

// SampleConfig says how to go on with texts. The zero value, with a number of Tokens, takes the likeliest token each time.
type SampleConfig struct {
	Tokens      int     `flag:"tokens" short:"n" help:"tokens to write"` // at most
	Temperature float64 `flag:"temperature" help:"0 takes the likeliest; higher is bolder"`
	TopK        int     `flag:"top-k" help:"draw among n likeliest tokens; 0 is all"`
	TopP        float64 `flag:"top-p" help:"draw among the likeliest that together have this probability; 0 is all"`
	Penalty     float64 `flag:"repetition-penalty" help:"lowers what the text has already, 1.2 say; 0 does nothing"` // nor does 1
	Seed        uint64  `flag:"seed" help:"the same seed gives the same text"`
	Slide       bool    `flag:"slide" help:"when the context is full, forget the first half of it and go on"` // otherwise that is an error
	Stop        []int32 // tokens that end a text; they stand at its end
	Never       []int32 // tokens that aren't taken, such as those that stand for no text
	// Watermark, when its bias isn't 0, leaves a trace of its key in what is drawn.
	Watermark nn.Watermark
	NoCache   bool // compute everything anew for each token: the same texts, slowly

	// Stream, when given, gets the new tokens of each text as they come, ChunkTokens at a time. Its error ends the sampling.
	Stream      func(tokens [][]int32) error
	ChunkTokens int // 0 is 8
}

func (c SampleConfig) validate(m *Model, prompts [][]int32) error {
	for _, f := range []struct {
		ok    bool
		name  string
		value any
		want  string
	}{
		{c.Tokens >= 1, "tokens", c.Tokens, "at least 1"},
		{c.Temperature >= 0, "temperature", c.Temperature, "at least 0"},
		{c.TopK >= 0, "top k", c.TopK, "at least 1, or 0 for all"},
		{c.TopP >= 0 && c.TopP <= 1, "top p", c.TopP, "more than 0 and at most 1, or 0 for all"},
		{c.Penalty >= 0, "repetition penalty", c.Penalty, "positive, or 0 for none"},
		{c.ChunkTokens >= 0, "chunk tokens", c.ChunkTokens, "at least 1, or 0 for 8"},
		{slices.Contains(c.allowed(m.Config.VocabSize), true), "the number of tokens that may be taken", 0, "at least 1"},
		{len(prompts) > 0, "the number of prompts", 0, "at least 1"},
	} {
		if !f.ok {
			return fmt.Errorf("gpt: %s is %v: it must be %s", f.name, f.value, f.want)
		}
	}
	if c.Watermark.Bias != 0 {
		if err := c.Watermark.Validate(); err != nil {
			return err
		}
	}
	longest := 0
	for i, p := range prompts {
		if len(p) == 0 {
			return fmt.Errorf("gpt: prompt %d is empty: give it at least one token, such as a line's end", i)
		}
		for j, t := range p {
			if t < 0 || int(t) >= m.Config.VocabSize {
				return fmt.Errorf("gpt: token %d of prompt %d is %d: the vocabulary has 0 to %d", j, i, t, m.Config.VocabSize-1)
			}
		}
		longest = max(longest, len(p))
	}
	if !c.Slide && longest+c.Tokens > m.Config.Context {
		return fmt.Errorf("gpt: a prompt of %d tokens and %d to add exceed the context, %d: ask for less, or let it slide", longest, c.Tokens, m.Config.Context)
	}
	return nil
}

// allowed says of each token of a vocabulary whether it may be taken.
func (c SampleConfig) allowed(vocabulary int) []bool {
	list := slices.Repeat([]bool{true}, vocabulary)
	for _, t := range c.Never {
		if t >= 0 && int(t) < vocabulary {
			list[t] = false
		}
	}
	return list
}

// Sample goes on with each prompt and returns what it added. Prompt and loop are one compiled graph; with Stream, a second one goes on
// with the loop where the first stopped. Graphs are compiled for sizes rounded up to powers of two, so a later call with other lengths
// mostly finds its own.
func (m *Model) Sample(ctx context.Context, prompts [][]int32, c SampleConfig) ([][]int32, error) {
	if err := c.validate(m, prompts); err != nil {
		return nil, err
	}
	texts := make([][]int32, len(prompts))
	for i, p := range prompts {
		texts[i] = slices.Clone(p)
	}
	ended := make([]bool, len(texts))
	for round, left := 0, c.Tokens; left > 0 && slices.Contains(ended, false); round++ {
		window := make([][]int32, len(texts))
		longest := 0
		for i, t := range texts {
			window[i] = t
			if c.Slide && len(t)+1 > m.Config.Context || round > 0 {
				window[i] = t[max(0, len(t)-m.Config.Context/2):]
			}
			longest = max(longest, len(window[i]))
		}
		now := min(left, m.Config.Context-longest)
		err := m.sampleRound(ctx, window, ended, now, round, c, func(i int, added []int32) { texts[i] = append(texts[i], added...) })
		if err != nil {
			return nil, err
		}
		left -= now
	}
	for i := range texts {
		texts[i] = texts[i][len(prompts[i]):]
	}
	return texts, nil
}

// sampleRound adds up to n tokens to each text that hasn't ended; all fit into the context.
func (m *Model) sampleRound(ctx context.Context, texts [][]int32, ended []bool, n, round int, c SampleConfig, add func(i int, added []int32)) error {
	longest := 0
	for _, t := range texts {
		longest = max(longest, len(t))
	}
	g := generator{net: m.net, batch: len(texts), prompt: ceilPower(longest, 8), room: min(ceilPower(n, 16), m.Config.Context), SampleConfig: c}
	padded, pad, over := make([][]int32, g.batch), make([]int32, g.batch), make([]int32, g.batch)
	for i, t := range texts {
		pad[i] = int32(g.prompt - len(t))
		padded[i] = append(make([]int32, pad[i]), t...)
		if ended[i] {
			over[i] = 1
		}
	}
	knobs := []any{
		[]uint32{uint32(c.Seed>>32) ^ uint32(round)<<16, uint32(c.Seed)},
		float32(c.Temperature), float32(c.TopK), float32(c.TopP), float32(c.Penalty), append([]int32{-1}, c.Stop...), pad,
		c.allowed(m.Config.VocabSize), c.Watermark.Words(), float32(c.Watermark.Share), float32(c.Watermark.Bias),
	}
	chunk := n
	if c.Stream != nil {
		chunk = c.ChunkTokens
		if chunk == 0 {
			chunk = 8
		}
	}
	var state []*tensors.Tensor
	defer func() { free(state) }()
	for done := 0; done < n && slices.Contains(ended, false); {
		to := min(n, done+chunk)
		args := append(slices.Clone(knobs), int32(g.prompt+to))
		name := g.name("go on")
		build := g.resume
		if done == 0 {
			name, build = g.name("start"), g.start
			args = append(args, padded, over)
		}
		for _, t := range state {
			args = append(args, t)
		}
		out, err := m.run.Call(ctx, name, build, args...)
		if err != nil {
			return err
		}
		free(state)
		state = out
		all := out[stateTexts].Value().([][]int32)
		finished := out[stateEnded].Value().([]int32)
		fresh := make([][]int32, g.batch)
		for i := range texts {
			if ended[i] {
				continue
			}
			fresh[i] = all[i][g.prompt+done : g.prompt+to]
			if finished[i] != 0 {
				end := slices.IndexFunc(fresh[i], func(t int32) bool { return slices.Contains(c.Stop, t) })
				fresh[i] = fresh[i][:end+1]
				ended[i] = true
			}
			add(i, fresh[i])
		}
		if c.Stream != nil {
			if err := c.Stream(fresh); err != nil {
				return err
			}
		}
		done = to
	}
	return nil
}

func free(state []*tensors.Tensor) {
	for _, t := range state {
		_ = t.FinalizeAll() // what can't be freed now is freed with the process
	}
}

// ceilPower is the power of two that is at least n and least.
func ceilPower(n, least int) int {
	for least < n {
		least *= 2
	}
	return least
}
