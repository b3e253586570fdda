package gpt

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// SampleConfig says how to go on with texts. The zero value, with a number of Tokens, takes the likeliest token each time.
type SampleConfig struct {
	Tokens      int     // to add, at most
	Temperature float64 // divides the logits before a token is drawn; 0 draws nothing and takes the likeliest
	TopK        int     // draw among so many likeliest tokens; 0 is all
	TopP        float64 // draw among the likeliest that together have this probability; 0 is all
	Penalty     float64 // lowers tokens that the text has already, 1.2 say; 0 and 1 do nothing
	Seed        uint64  // the same one gives the same texts
	Stop        []int32 // tokens that end a text; they stand at its end
	Slide       bool    // when the context is full, go on from its second half; otherwise that is an error
	NoCache     bool    // compute everything anew for each token: the same texts, slowly

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
		{len(prompts) > 0, "the number of prompts", 0, "at least 1"},
	} {
		if !f.ok {
			return fmt.Errorf("gpt: %s is %v: it must be %s", f.name, f.value, f.want)
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

// generator builds the graphs of a sampling.
type generator struct {
	SampleConfig
	net                 *Net
	batch, prompt, room int // texts; tokens of the prompt with its padding; tokens that may be added
}

// name tells apart the graphs that the settings make.
func (g *generator) name(what string) string {
	return fmt.Sprintf("%s sampling: batch %d, room %d, prompt %d, draw %t, top k %t, top p %t, penalty %t, no cache %t", what, g.batch, g.room, g.prompt,
		g.Temperature > 0, g.TopK > 0, g.draws(g.TopP), g.penalizes(), g.NoCache)
}

func (g *generator) draws(share float64) bool { return share > 0 && share < 1 }
func (g *generator) penalizes() bool          { return g.Penalty > 0 && g.Penalty != 1 }

// The places of the loop's state; after them stand the tokens seen so far, where repetition is penalised, and the cache.
const (
	stateGoing  = iota // bool
	stateTexts         // int32 [batch, prompt+room]
	stateAt            // int32: where the next token goes
	stateEnded         // int32 [batch], 0 or 1
	stateLogits        // [batch, vocabulary], for the next token
	stateOwn
)

// knobs are inputs that change nothing about a graph.
type knobs struct {
	key                                *graph.Node
	temperature, topK, topP, penalty   *graph.Node
	stop /* [1 or more] */, pad, limit *graph.Node
}

func takeKnobs(in []*graph.Node) (knobs, []*graph.Node) {
	return knobs{in[0], in[1], in[2], in[3], in[4], in[5], in[6], in[7]}, in[8:]
}

// start reads the prompts: int32 [batch, prompt], and which have ended, then goes on.
func (g *generator) start(s *model.Scope, in []*graph.Node) []*graph.Node {
	k, rest := takeKnobs(in)
	prompts, ended := rest[0], rest[1]
	gr := prompts.Graph()
	size := g.prompt + g.room
	cache := g.net.emptyCache(gr, g.batch, size)
	logits, cache := g.net.extend(s, prompts, graph.Scalar(gr, dtypes.Int32, 0), k.pad, cache)
	state := []*graph.Node{
		graph.Const(gr, true),
		graph.Concatenate([]*graph.Node{prompts, graph.Zeros(gr, intShape(g.batch, g.room))}, 1),
		graph.Scalar(gr, dtypes.Int32, int32(g.prompt)), ended, logits,
	}
	if g.penalizes() {
		real := graph.GreaterOrEqual(graph.Iota(gr, prompts.Shape(), 1), graph.BroadcastToDims(graph.InsertAxes(k.pad, -1), prompts.Shape().Dimensions...))
		hot := graph.OneHot(graph.Where(real, prompts, graph.AddScalar(graph.ZerosLike(prompts), -1)), g.net.Config.VocabSize, dtypes.Int32)
		state = append(state, graph.ReduceMax(hot, 1))
	}
	if !g.NoCache {
		state = append(state, cache...)
	}
	return g.loop(s, k, state)
}

// resume goes on from a state.
func (g *generator) resume(s *model.Scope, in []*graph.Node) []*graph.Node {
	k, state := takeKnobs(in)
	return g.loop(s, k, state)
}

// loop adds tokens until each text has ended, or place limit is reached.
func (g *generator) loop(s *model.Scope, k knobs, state []*graph.Node) []*graph.Node {
	gr := state[0].Graph()
	own := stateOwn
	if g.penalizes() {
		own++
	}
	going := func(at, ended *graph.Node) *graph.Node {
		open := graph.LessThan(graph.ReduceAllSum(ended), graph.Scalar(gr, dtypes.Int32, int32(g.batch)))
		return graph.LogicalAnd(graph.LessThan(at, k.limit), open)
	}
	state[stateGoing] = going(state[stateAt], state[stateEnded])
	return nn.Loop(g.room, state, func(_ *graph.Node, state []*graph.Node) []*graph.Node {
		texts, at, ended := state[stateTexts], state[stateAt], state[stateEnded]
		token := g.choose(k, at, state)
		token = graph.Where(graph.IsZero(ended), token, graph.ZerosLike(token))
		texts = nn.PutAt(texts, graph.InsertAxes(token, -1), at, 1)
		stops := graph.Equal(graph.InsertAxes(token, -1), graph.InsertAxes(k.stop, 0)) // [batch, stops]
		ended = graph.Max(ended, graph.ReduceMax(graph.ConvertDType(stops, dtypes.Int32), -1))
		var extra []*graph.Node
		if g.penalizes() {
			extra = append(extra, graph.Max(state[stateOwn], graph.OneHot(token, g.net.Config.VocabSize, dtypes.Int32)))
		}
		var logits *graph.Node
		cache := state[own:]
		if g.NoCache {
			logits = g.net.again(s, texts, at, k.pad)
		} else {
			logits, cache = g.net.extend(s, graph.InsertAxes(token, -1), at, k.pad, cache)
		}
		at = graph.OnePlus(at)
		next := []*graph.Node{going(at, ended), texts, at, ended, logits}
		return slices.Concat(next, extra, cache)
	})
}

// choose picks the next token of each text: int32 [batch].
func (g *generator) choose(k knobs, at *graph.Node, state []*graph.Node) *graph.Node {
	logits := state[stateLogits]
	if g.penalizes() {
		logits = penalize(logits, graph.GreaterThan(state[stateOwn], graph.ZerosLike(state[stateOwn])), k.penalty)
	}
	if g.Temperature == 0 {
		return nn.ArgMax(logits)
	}
	p := graph.Softmax(graph.Div(logits, graph.MaxScalar(k.temperature, 1e-6)), -1)
	if g.TopK > 0 {
		p = topK(p, k.topK)
	}
	if g.draws(g.TopP) {
		p = topP(p, k.topP)
	}
	// Counted from the prompt's end, so that padding changes nothing.
	count := graph.Sub(at, graph.Scalar(at.Graph(), dtypes.Int32, int32(g.prompt)))
	return draw(nn.Fold(k.key, graph.ConvertDType(count, dtypes.Uint32)), p)
}
