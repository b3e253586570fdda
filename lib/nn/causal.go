package nn

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// causalAtOnce is the length up to which [CausalHeads] computes all scores at once: beyond it blocks are faster as well as smaller, below
// it a loop takes longer to compile than it saves (docs/performance.md).
const causalAtOnce = 256

// CausalHeads weighs the values by softmax(q·kᵀ/√dim) among the positions of a text, where each looks at itself and what stands before
// it: [batch, length, heads·dim]. q: [batch, length, heads, dim], k and v: [batch, length, kv heads, dim], shared as in [AttendHeads].
// first, int32 [batch], is where a text begins, before which there is padding; nil is 0. What comes out for padding has no meaning.
//
// A long text is computed in blocks, so that memory grows with its length and not its square, and what no query may see isn't computed
// at all. That form has no second derivative.
func CausalHeads(s *model.Scope, q, k, v, first *graph.Node, dropout *Dropout) *graph.Node {
	g, length := q.Graph(), q.Shape().Dim(1)
	if length > causalAtOnce && hasSlices(g) {
		block := 128
		if q.Shape().Dim(0)*q.Shape().Dim(2) > 16 {
			block = 64 // the scores of all heads stay in a core's second-level cache
		}
		return newCausal(q, k, first, block, dropout.key(s, g), dropout).forward(q, k, v)
	}
	mask := Causal(g, length)
	if first != nil {
		mask = graph.LogicalAnd(mask, graph.InsertAxes(isReal(first, length), 1, 1))
	}
	return AttendHeads(s, q, KeysLast(k), HeadsFirst(v), mask, dropout)
}

// isReal tells of each place of a text whether it is no padding: bool [batch, length].
func isReal(first *graph.Node, length int) *graph.Node {
	batch := first.Shape().Dim(0)
	place := graph.Iota(first.Graph(), shapes.Make(dtypes.Int32, batch, length), 1)
	return graph.GreaterOrEqual(place, graph.BroadcastToDims(graph.InsertAxes(first, -1), batch, length))
}

// causal is attention over blocks of queries and of keys, in the manner of [blockwise]: it meets a block of queries with the keys that
// stand where they do, then with each block before it. The gradient meets them in the same order and computes the weights again (Rabe &
// Staats, "Self-attention does not need O(n²) memory", 2021; Dao, "FlashAttention-2", 2023, algorithms 1 and 2).
//
// Scores are [rows, key, query], the queries last, so that a sum over keys adds vectors, which XLA's code for a CPU does many times as
// fast as it adds the values of one. rows: batch·kv heads; the queries that share keys stand beside each other.
type causal struct {
	batch, length, kv, heads, dim int
	block, count                  int

	mask   *graph.Node // of the queries' own block, bool [rows, key, query]
	hidden *graph.Node // added to scores, -1e30 where a key is padding: [blocks, rows, block, 1]; nil without
	key    *graph.Node // of dropout; nil without
	drop   *Dropout
}

func newCausal(q, k, first *graph.Node, block int, key *graph.Node, drop *Dropout) causal {
	d := q.Shape().Dimensions
	c := causal{batch: d[0], length: d[1], heads: d[2], dim: d[3], kv: k.Shape().Dim(2), key: key, drop: drop, block: block}
	if c.heads%c.kv != 0 {
		panic(errorf("attention of %d heads takes keys of [batch, length, kv heads, dim], was given %s", c.heads, k.Shape()))
	}
	c.count = (c.length + c.block - 1) / c.block
	own := graph.TransposeAllAxes(graph.LowerTriangular(q.Graph(), c.block), 1, 0)
	own = graph.BroadcastToDims(graph.InsertAxes(own, 0, 0), c.rows(), c.heads/c.kv, c.block, c.block)
	c.mask = graph.Reshape(graph.TransposeAllAxes(own, 0, 2, 1, 3), c.rows(), c.block, -1)
	if first != nil {
		hidden := graph.MulScalar(graph.ConvertDType(graph.LogicalNot(isReal(first, c.count*c.block)), q.DType()), -1e30)
		hidden = graph.BroadcastToDims(graph.InsertAxes(graph.Reshape(hidden, c.batch, c.count, c.block), 2), c.batch, c.count, c.kv, c.block)
		c.hidden = graph.Reshape(graph.TransposeAllAxes(hidden, 1, 0, 2, 3), c.count, c.rows(), c.block, 1)
	}
	return c
}

func (c causal) rows() int { return c.batch * c.kv }

// forward has the shapes of [CausalHeads].
func (c causal) forward(q, k, v *graph.Node) *graph.Node {
	out := c.attend(c.columns(graph.MulScalar(q, 1/math.Sqrt(float64(c.dim)))), c.lines(k), c.columns(v))
	out = graph.Reshape(out, c.count, c.batch, c.kv, c.dim, c.heads/c.kv, c.block)
	out = graph.Reshape(graph.TransposeAllAxes(out, 1, 0, 5, 2, 4, 3), c.batch, c.count*c.block, c.heads*c.dim)
	return graph.SliceAxis(out, 1, graph.AxisRange(0, c.length))
}

// cut divides x: [batch, length, heads or kv heads, dim] into blocks, zeros filling the last: [batch, blocks, block, kv, group, dim].
func (c causal) cut(x *graph.Node) *graph.Node {
	return graph.Reshape(Lengthen(x, 1, c.count*c.block), c.batch, c.count, c.block, c.kv, -1, c.dim)
}

// columns has a position's vector upright: [blocks, rows, dim, group·block].
func (c causal) columns(x *graph.Node) *graph.Node {
	return graph.Reshape(graph.TransposeAllAxes(c.cut(x), 1, 0, 3, 5, 4, 2), c.count, c.rows(), c.dim, -1)
}

// lines has a position's vector in a line: [blocks, rows, block, dim].
func (c causal) lines(x *graph.Node) *graph.Node {
	return graph.Reshape(graph.TransposeAllAxes(c.cut(x), 1, 0, 3, 4, 2, 5), c.count, c.rows(), c.block, c.dim)
}

// sameRow is the axis that products leave alone.
var sameRow = [][2]int{{0, 0}}

// tile is a block of queries, number i, with one of keys, number j.
type tile struct {
	causal
	i, j *graph.Node // int32
	q    *graph.Node // [rows, dim, query]
	k    *graph.Node // [rows, block, dim]
	v    *graph.Node // [rows, dim, block]
}

// at takes block j of keys and values.
func (c causal) at(i, j, q, k, v *graph.Node) tile {
	return tile{c, i, j, q, takeBlock(k, j), takeBlock(v, j)}
}

func takeBlock(x, j *graph.Node) *graph.Node { return graph.Squeeze(TakeAt(x, j, 0), 0) }

// scores: [rows, block, query].
func (t tile) scores() *graph.Node {
	scores := graph.EinsumAxes(t.k, t.q, [][2]int{{2, 1}}, sameRow)
	if t.hidden != nil {
		scores = graph.Add(scores, takeBlock(t.hidden, t.j))
	}
	if t.i == t.j {
		scores = graph.Where(t.mask, scores, graph.BroadcastToDims(scalar(scores, -1e30), scores.Shape().Dimensions...))
	}
	return scores
}

// mix sums the values: [rows, dim, query].
func (t tile) mix(weights *graph.Node) *graph.Node {
	return graph.EinsumAxes(t.v, t.dropped(weights), [][2]int{{2, 1}}, sameRow)
}

func (t tile) dropped(x *graph.Node) *graph.Node {
	if t.key == nil {
		return x
	}
	key := t.key
	for _, number := range []*graph.Node{t.i, t.j} {
		key = Fold(key, graph.ConvertDType(number, dtypes.Uint32))
	}
	return graph.Mul(x, t.drop.factors(key, x))
}

// attend takes and gives blocks: columns of queries, lines of keys, columns of values; columns.
func (c causal) attend(q, k, v *graph.Node) *graph.Node {
	_, ys := Scan(ScanConfig{Length: c.count, NoGradient: true, Unroll: UnrollNever}, nil, []*graph.Node{q}, func(i *graph.Node, _, x []*graph.Node) (next, y []*graph.Node) {
		own := c.at(i, i, x[0], k, v)
		scores := own.scores()
		top := graph.ReduceAndKeep(scores, graph.ReduceMax, 1) // finite: a query sees itself
		weights := graph.Exp(graph.Sub(scores, top))
		init := []*graph.Node{top, graph.ReduceAndKeep(weights, graph.ReduceSum, 1), own.mix(weights)}
		end := c.before(i, init, func(j *graph.Node, state []*graph.Node) []*graph.Node {
			t := c.at(i, j, x[0], k, v)
			scores := t.scores()
			top := graph.Max(state[0], graph.ReduceAndKeep(scores, graph.ReduceMax, 1))
			weights, shrink := graph.Exp(graph.Sub(scores, top)), graph.Exp(graph.Sub(state[0], top))
			sum := graph.Add(graph.Mul(state[1], shrink), graph.ReduceAndKeep(weights, graph.ReduceSum, 1))
			return []*graph.Node{top, sum, graph.Add(graph.Mul(state[2], shrink), t.mix(weights))}
		})
		return nil, []*graph.Node{graph.Div(end[2], end[1]), graph.Add(end[0], graph.Log(end[1]))}
	})
	out, logSum := ys[0], ys[1]
	return withGradient(out, []*graph.Node{q, k, v}, onceForAll(func(dy *graph.Node) []*graph.Node {
		return c.gradients(q, k, v, out, logSum, dy)
	}))
}

// before carries a state through the blocks that stand before block i.
func (c causal) before(i *graph.Node, init []*graph.Node, body func(j *graph.Node, state []*graph.Node) []*graph.Node) []*graph.Node {
	zero := graph.Scalar(i.Graph(), dtypes.Int32, 0)
	state := append([]*graph.Node{graph.LessThan(zero, i)}, init...)
	return Loop(max(1, c.count-1), state, func(j *graph.Node, state []*graph.Node) []*graph.Node {
		return append([]*graph.Node{graph.LessThan(graph.OnePlus(j), i)}, body(j, state[1:])...)
	})[1:]
}

// gradients of q, k and v, from out's and the logarithm of each query's sum of exponentials.
func (c causal) gradients(q, k, v, out, logSum, dy *graph.Node) []*graph.Node {
	inner := graph.ReduceAndKeep(graph.Mul(dy, out), graph.ReduceSum, 2) // Σ weight·∂weight over all keys
	// add has a block's gradients added to those of all keys and values.
	add := func(to, x, j *graph.Node) *graph.Node {
		return PutAt(to, graph.Add(TakeAt(to, j, 0), graph.InsertAxes(x, 0)), j, 0)
	}
	init := []*graph.Node{graph.ZerosLike(k), graph.ZerosLike(v)}
	end, ys := Scan(ScanConfig{Length: c.count, NoGradient: true, Unroll: UnrollNever}, init, []*graph.Node{q, logSum, dy, inner}, func(i *graph.Node, carry, x []*graph.Node) (next, y []*graph.Node) {
		dq, dk, dv := c.at(i, i, x[0], k, v).gradients(x[1], x[2], x[3])
		state := []*graph.Node{dq, add(carry[0], dk, i), add(carry[1], dv, i)}
		end := c.before(i, state, func(j *graph.Node, state []*graph.Node) []*graph.Node {
			dq, dk, dv := c.at(i, j, x[0], k, v).gradients(x[1], x[2], x[3])
			return []*graph.Node{graph.Add(state[0], dq), add(state[1], dk, j), add(state[2], dv, j)}
		})
		return end[1:], end[:1]
	})
	list := []*graph.Node{ys[0], end[0], end[1]}
	for i, x := range list {
		list[i] = graph.IdentityWithCustomGradient(x, func(_, _ *graph.Node) *graph.Node {
			panic(errorf("attention over a text of %d positions is computed in blocks, which have no second derivative: up to %d positions have one", c.length, causalAtOnce))
		})
	}
	return list
}

// gradients are a tile's, shaped as q, k and v.
func (t tile) gradients(logSum, dy, inner *graph.Node) (dq, dk, dv *graph.Node) {
	weights := graph.Exp(graph.Sub(t.scores(), logSum))
	dWeights := t.dropped(graph.EinsumAxes(t.v, dy, [][2]int{{1, 1}}, sameRow))
	dScores := graph.Mul(weights, graph.Sub(dWeights, inner))
	dq = graph.EinsumAxes(t.k, dScores, [][2]int{{1, 1}}, sameRow)
	dk = graph.EinsumAxes(dScores, t.q, [][2]int{{2, 2}}, sameRow)
	dv = graph.EinsumAxes(dy, t.dropped(weights), [][2]int{{2, 2}}, sameRow)
	return dq, dk, dv
}
