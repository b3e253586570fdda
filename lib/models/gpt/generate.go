package gpt

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// generator builds the graphs of a sampling.
type generator struct {
	SampleConfig
	net                 *Net
	batch, prompt, room int // texts; tokens of the prompt with its padding; tokens that may be added
}

// name tells apart the graphs that the settings make.
func (g *generator) name(what string) string {
	return fmt.Sprintf("%s sampling: batch %d, room %d, prompt %d, draw %t, top k %t, top p %t, penalty %t, never %t, watermark %t, no cache %t", what, g.batch, g.room, g.prompt,
		g.Temperature > 0, g.TopK > 0, g.cutsShare(), g.penalizes(), len(g.Never) > 0, g.marks(), g.NoCache)
}

func (g *generator) cutsShare() bool { return g.TopP > 0 && g.TopP < 1 }
func (g *generator) penalizes() bool { return g.Penalty > 0 && g.Penalty != 1 }
func (g *generator) marks() bool     { return g.Watermark.Bias != 0 }

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
	key                              *graph.Node
	temperature, topK, topP, penalty *graph.Node
	stop /* [1 or more] */, pad      *graph.Node
	allowed                          *graph.Node // bool [vocabulary]
	markKey, markShare, markBias     *graph.Node
	limit                            *graph.Node
}

func takeKnobs(in []*graph.Node) (knobs, []*graph.Node) {
	return knobs{in[0], in[1], in[2], in[3], in[4], in[5], in[6], in[7], in[8], in[9], in[10], in[11]}, in[12:]
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
	if len(g.Never) > 0 {
		allowed := graph.BroadcastToDims(graph.InsertAxes(k.allowed, 0), logits.Shape().Dimensions...)
		logits = graph.Where(allowed, logits, graph.AddScalar(graph.ZerosLike(logits), math.Inf(-1)))
	}
	if g.marks() { // before the temperature, as the paper's program has it
		last := nn.TakeAt(state[stateTexts], graph.Sub(at, graph.Scalar(at.Graph(), dtypes.Int32, 1)), 1)
		logits = nn.Favour(k.markKey, k.markShare, k.markBias, graph.Reshape(last, g.batch), logits)
	}
	if g.Temperature == 0 {
		return nn.ArgMax(logits)
	}
	d := nn.Drawing{Temperature: k.temperature}
	if g.TopK > 0 {
		d.TopK = k.topK
	}
	if g.cutsShare() {
		d.TopP = k.topP
	}
	// Counted from the prompt's end, so that padding changes nothing.
	count := graph.Sub(at, graph.Scalar(at.Graph(), dtypes.Int32, int32(g.prompt)))
	return d.Token(nn.Fold(k.key, graph.ConvertDType(count, dtypes.Uint32)), logits)
}

// penalize lowers the logits of tokens that have been seen (bool, like logits): positive ones are divided by the penalty, negative ones
// multiplied (Keskar et al., "CTRL: a conditional transformer language model", 2019, section 4.1, as transformers has it).
func penalize(logits, seen, penalty *graph.Node) *graph.Node {
	lower := graph.Where(graph.IsNegative(logits), graph.Mul(logits, penalty), graph.Div(logits, penalty))
	return graph.Where(seen, lower, logits)
}
