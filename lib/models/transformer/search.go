package transformer

import (
	"cmp"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// SearchConfig says how to look for a translation.
type SearchConfig struct {
	// Beam is how many hypotheses are followed; 1, and 0, is greedy search.
	Beam int
	// LengthPenalty α ranks hypotheses by log p / ((5+tokens)/6)^α (Wu et al., "Google's neural machine translation system", 2016,
	// equation 14); 0 ranks by log p. The end counts as a token.
	LengthPenalty float64
	// MaxTokens ends a hypothesis, the end included; 0 is the model's max_length - 1.
	MaxTokens int
	// NoCache computes the whole decoder anew for each token: the same result, slowly.
	NoCache bool
}

// filled has the defaults in place of zeros, for a model that takes n tokens.
func (c SearchConfig) filled(maxLength int) SearchConfig {
	c.Beam, c.MaxTokens = cmp.Or(c.Beam, 1), cmp.Or(c.MaxTokens, maxLength-1)
	return c
}

func (c SearchConfig) validate(maxLength int) error {
	switch {
	case c.Beam < 1:
		return fmt.Errorf("transformer: beam is %d: it must be at least 1", c.Beam)
	case c.MaxTokens < 1 || c.MaxTokens > maxLength-1:
		return fmt.Errorf("transformer: max_tokens is %d: it must be 1 to %d, one less than max_length", c.MaxTokens, maxLength-1)
	case !(c.LengthPenalty >= 0):
		return fmt.Errorf("transformer: length_penalty is %g: it must be at least 0", c.LengthPenalty)
	}
	return nil
}

// cacheSizes are the lengths that the cache has room for, one after the other: a step costs what there is room for, and most texts end long
// before the most tokens. They are few, for the loop is compiled for each.
func (c SearchConfig) cacheSizes() []int {
	if c.NoCache {
		return []int{c.MaxTokens}
	}
	var list []int
	for _, part := range []int{4, 2, 1} {
		if length := c.MaxTokens / part; length > 0 {
			list = append(list, length)
		}
	}
	return list
}

// found is what a search ends with. The last three tell how: the beams after each step, best first.
type found struct {
	tokens  *graph.Node // int32 [batch, beam, 1+max], after Begin, best first
	scores  *graph.Node // log p, [batch, beam]
	parents *graph.Node // int32 [batch, max, beam]: the beam of the step before that each one goes on from
	chosen  *graph.Node // int32 [batch, max, beam]: the token that it adds
	totals  *graph.Node // [batch, max, beam]: log p so far
}

// search runs beam search in loops of the graph, until each hypothesis has ended or has c.MaxTokens tokens.
// A hypothesis that has ended stays among the beams, and goes on with Pad at no cost.
// src: tokens [batch, source].
func (n *Net) search(s *model.Scope, src *graph.Node, c SearchConfig) found {
	g := src.Graph()
	src = graph.ConvertDType(src, dtypes.Int32)
	batch, beam, length := src.Shape().Dim(0), c.Beam, c.MaxTokens+1
	memory, _ := n.Core.Encode(s, n.embed(s, n.Source, n.SourcePosition, src), real(src))

	var next predictor = newCached(n, s, memory, src, beam, length)
	if c.NoCache {
		next = &uncached{net: n, s: s, memory: memory, src: src}
	}
	dims := func(dtype dtypes.DType, d ...int) shapes.Shape { return shapes.Make(dtype, d...) }
	column := graph.Iota(g, dims(dtypes.Int32, batch, beam, length), 2)
	tokens := graph.Where(graph.IsZero(column), graph.AddScalar(graph.ZerosLike(column), Begin), graph.ZerosLike(column))
	// At first all beams are alike: only one counts.
	which := graph.Iota(g, dims(dtypes.Float32, batch, beam), 1)
	scores := graph.Where(graph.IsZero(which), graph.ZerosLike(which), graph.AddScalar(graph.ZerosLike(which), -1e9))
	zeros := graph.Zeros(g, dims(dtypes.Int32, batch, beam))
	history := graph.Zeros(g, dims(dtypes.Int32, batch, c.MaxTokens, beam))
	state := []*graph.Node{
		graph.Const(g, true), tokens, scores, zeros, zeros,
		history, history, graph.Zeros(g, dims(dtypes.Float32, batch, c.MaxTokens, beam)),
	}
	own := len(state)
	state = append(state, next.state()...)
	one := func(step *graph.Node, state []*graph.Node) []*graph.Node {
		tokens, scores, count, ended := state[1], state[2], state[3], state[4]
		logits, inner := next.logits(step, tokens, state[own:])
		count = graph.Add(count, graph.OneMinus(ended))
		parent, token, total := choose(graph.LogSoftmax(logits, -1), scores, count, ended, c.LengthPenalty)

		count = nn.TakeRows(count, parent)
		isEnd := graph.ConvertDType(graph.Equal(token, graph.Scalar(g, dtypes.Int32, End)), dtypes.Int32)
		ended = graph.Max(nn.TakeRows(ended, parent), isEnd)
		tokens = nn.PutAt(nn.TakeRows(tokens, parent), graph.InsertAxes(token, -1), graph.OnePlus(step), 2)
		record := func(history, values *graph.Node) *graph.Node {
			return nn.PutAt(history, graph.InsertAxes(values, 1), step, 1)
		}
		going := graph.LessThan(graph.ReduceAllSum(ended), graph.Scalar(g, dtypes.Int32, batch*beam))
		out := []*graph.Node{going, tokens, total, count, ended, record(state[5], parent), record(state[6], token), record(state[7], total)}
		return append(out, next.follow(parent, inner)...)
	}
	done := 0
	for _, size := range c.cacheSizes() {
		state = append(state[:own:own], next.grow(state[own:], size)...)
		state = nn.Loop(size-done, state, func(step *graph.Node, state []*graph.Node) []*graph.Node {
			return one(graph.AddScalar(step, done), state)
		})
		done = size
	}
	return found{state[1], state[2], state[5], state[6], state[7]}
}

// choose takes the best beams among all continuations.
// logp: [batch, beam, vocabulary], scores: [batch, beam]; count, with the token to come, and ended, 0 or 1: int32 [batch, beam]; parent, token, total: [batch, beam], best first.
func choose(logp, scores, count, ended *graph.Node, penalty float64) (parent, token, total *graph.Node) {
	g, batch, beam, vocab := logp.Graph(), logp.Shape().Dim(0), logp.Shape().Dim(1), logp.Shape().Dim(2)
	ids := graph.Iota(g, shapes.Make(dtypes.Int32, batch, beam, vocab), 2)
	is := func(token int32) *graph.Node { return graph.Equal(ids, graph.Scalar(g, dtypes.Int32, token)) }
	never := graph.AddScalar(graph.ZerosLike(logp), -1e30)
	wide := func(x *graph.Node) *graph.Node {
		return graph.BroadcastToDims(graph.InsertAxes(x, -1), batch, beam, vocab)
	}
	logp = graph.Where(graph.LogicalOr(is(Pad), is(Begin)), never, logp)
	done := graph.GreaterThan(wide(ended), graph.Scalar(g, dtypes.Int32, 0))
	logp = graph.Where(done, graph.Where(is(Pad), graph.ZerosLike(logp), never), logp)
	totals := graph.Add(wide(scores), logp)

	ranks := graph.Div(totals, wide(lengthPenalty(graph.ConvertDType(count, dtypes.Float32), penalty)))
	_, at := nn.TopK(graph.Reshape(ranks, batch, -1), beam)
	total = nn.TakeRows(graph.Reshape(totals, batch, -1), at)
	size := graph.Scalar(g, dtypes.Int32, int32(vocab))
	parent = graph.Div(at, size)
	return parent, graph.Sub(at, graph.Mul(parent, size)), total
}

// lengthPenalty is ((5+tokens)/6)^α.
func lengthPenalty(tokens *graph.Node, alpha float64) *graph.Node {
	return graph.Exp(graph.MulScalar(graph.Log(graph.DivScalar(graph.AddScalar(tokens, 5), 6)), alpha))
}

// predictor gives the next token's logits, and has a state of its own in the loop.
type predictor interface {
	state() []*graph.Node
	// grow gives the state room for that many tokens.
	grow(state []*graph.Node, room int) []*graph.Node
	// logits: [batch, beam, vocabulary] after tokens[:, :, step].
	logits(step, tokens *graph.Node, state []*graph.Node) (logits *graph.Node, after []*graph.Node)
	// follow is told which beams the new ones go on from: int32 [batch, beam].
	follow(parent *graph.Node, state []*graph.Node) []*graph.Node
}

// uncached runs the whole decoder for each token.
type uncached struct {
	net         *Net
	s           *model.Scope
	memory, src *graph.Node
}

func (u *uncached) state() []*graph.Node { return nil }

func (u *uncached) grow(state []*graph.Node, _ int) []*graph.Node { return state }

func (u *uncached) logits(step, tokens *graph.Node, _ []*graph.Node) (*graph.Node, []*graph.Node) {
	batch, beam, length := tokens.Shape().Dim(0), tokens.Shape().Dim(1), tokens.Shape().Dim(2)
	repeat := func(x *graph.Node) *graph.Node {
		dims := append([]int{batch, beam}, x.Shape().Dimensions[1:]...)
		return graph.Reshape(graph.BroadcastToDims(graph.InsertAxes(x, 1), dims...), append([]int{batch * beam}, dims[2:]...)...)
	}
	tgt := u.net.embed(u.s, u.net.Target, u.net.TargetPosition, graph.Reshape(tokens, batch*beam, length))
	out, _ := u.net.Core.Decode(u.s, tgt, repeat(u.memory), repeat(real(u.src)), nil)
	return graph.Reshape(u.net.Generator.Forward(u.s, nn.TakeAt(out, step, 1)), batch, beam, -1), nil
}

func (u *uncached) follow(_ *graph.Node, state []*graph.Node) []*graph.Node { return state }

// cached keeps each decoder layer's keys and values. They are written once and never moved when beams are reordered: what a beam
// looks at is found through its ancestors, the beam that it came from at each position, by a mask over all beams' entries.
type cached struct {
	net          *Net
	s            *model.Scope
	real         *graph.Node   // mask over the source, [batch, 1, 1, source]
	keys, values []*graph.Node // of the source, [batch·heads, dim, source] and [batch·heads, source, dim]
	positions    *graph.Node   // [length, d_model]
	batch, beam  int
}

func newCached(n *Net, s *model.Scope, memory, src *graph.Node, beam, length int) *cached {
	c := &cached{net: n, s: s, real: nn.KeyMask(real(src)), batch: src.Shape().Dim(0), beam: beam}
	c.positions = n.positions(s, src.Graph(), n.TargetPosition, length)
	for _, layer := range n.Core.Decoder.Layers {
		k, v := layer.CrossAttention.KeysValues(s, memory)
		c.keys = append(c.keys, nn.KeysLast(k))
		c.values = append(c.values, nn.HeadsFirst(v))
	}
	return c
}

// state is the ancestors, int32 [batch, beam, room], then keys and values for each layer, [batch·heads, dim, room·beam] and
// [batch·heads, room·beam, dim]. It begins with room for one token.
func (c *cached) state() []*graph.Node {
	g, rows, dim := c.positions.Graph(), c.batch*c.net.Config.Heads, c.net.Config.DModel/c.net.Config.Heads
	list := []*graph.Node{graph.Zeros(g, shapes.Make(dtypes.Int32, c.batch, c.beam, 1))}
	for range c.keys {
		k, v := nn.EmptyCache(g, rows, dim, c.beam)
		list = append(list, k, v)
	}
	return list
}

func (c *cached) grow(state []*graph.Node, room int) []*graph.Node {
	list := []*graph.Node{nn.Lengthen(state[0], 2, room)}
	for i := range c.keys {
		list = append(list, nn.Lengthen(state[1+2*i], 2, room*c.beam), nn.Lengthen(state[2+2*i], 1, room*c.beam))
	}
	return list
}

func (c *cached) logits(step, tokens *graph.Node, state []*graph.Node) (*graph.Node, []*graph.Node) {
	g := tokens.Graph()
	last := graph.Reshape(nn.TakeAt(tokens, step, 2), c.batch, c.beam)
	x := c.net.scaled(c.s, c.net.Target, last) // [batch, beam, d_model]
	x = graph.Add(x, graph.InsertAxes(nn.TakeAt(c.positions, step, 0), 0))

	// Each beam is its own ancestor at this position.
	self := graph.Iota(g, shapes.Make(dtypes.Int32, c.batch, c.beam, 1), 1)
	ancestors := nn.PutAt(state[0], self, step, 2)
	mask := c.mask(step, ancestors)
	after := []*graph.Node{ancestors}
	for i, layer := range c.net.Core.Decoder.Layers {
		x = layer.ForwardWith(c.s, x, func(x *graph.Node) *graph.Node {
			q, k, v := layer.SelfAttention.QueryKeysValues(c.s, x)
			k, v = nn.PutAt(state[1+2*i], nn.KeysLast(k), step, 2), nn.PutAt(state[2+2*i], nn.HeadsFirst(v), step, 1)
			after = append(after, k, v)
			return layer.SelfAttention.AttendCache(c.s, q, k, v, mask)
		}, func(x *graph.Node) *graph.Node {
			return layer.CrossAttention.AttendCache(c.s, layer.CrossAttention.Query(c.s, x), c.keys[i], c.values[i], c.real)
		})
	}
	return c.net.Generator.Forward(c.s, c.net.Core.Decoder.Norm.Forward(c.s, x)), after
}

// mask lets each beam see the entries of its ancestors up to step: bool [batch, 1, beam, room·beam].
func (c *cached) mask(step, ancestors *graph.Node) *graph.Node {
	g := step.Graph()
	shape := shapes.Make(dtypes.Int32, c.batch, c.beam, ancestors.Shape().Dim(2), c.beam)
	own := graph.Equal(graph.BroadcastToDims(graph.InsertAxes(ancestors, -1), shape.Dimensions...), graph.Iota(g, shape, 3))
	past := graph.LessOrEqual(graph.Iota(g, shape, 2), graph.BroadcastToDims(step, shape.Dimensions...))
	return graph.Reshape(graph.LogicalAnd(own, past), c.batch, 1, c.beam, -1)
}

func (c *cached) follow(parent *graph.Node, state []*graph.Node) []*graph.Node {
	return append([]*graph.Node{nn.TakeRows(state[0], parent)}, state[1:]...)
}
