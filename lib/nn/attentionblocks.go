package nn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// blockwise is attention that meets the keys in blocks and never holds all scores: each query keeps the greatest score so far, the
// sum of the exponentials and the sum of the values weighed by them, and shrinks both sums when a greater score comes (Milakov &
// Gimelshein, "Online normalizer calculation for softmax", 2018; Dao et al., "FlashAttention", 2022, algorithms 1 and 4). The
// gradient computes each block's weights again from the logarithm of the sum.
// Tensors have heads first: q: [batch, heads, query, dim], k, v: [batch, heads, key, dim].
type blockwise struct {
	block int
	scale float64
	mask  *graph.Node // bool, broadcast to [batch, heads, query, key], or nil
	drop  *Dropout
	key   *graph.Node // of dropout; nil without
}

// batched are the axes that products leave alone: batch and heads.
var batched = [][2]int{{0, 0}, {1, 1}}

// blocks is what [MultiheadAttention.Attend] mixes, [batch, query, heads, dim], computed in blocks of keys.
func (a *MultiheadAttention) blocks(s *model.Scope, q, k, v, mask *graph.Node, scale float64) *graph.Node {
	b := blockwise{block: a.Block, scale: scale, mask: mask, drop: a.Dropout, key: a.Dropout.key(s, q.Graph())}
	swap := func(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 2, 1, 3) }
	return swap(b.attend(swap(q), swap(k), swap(v)))
}

// attend gives [batch, heads, query, dim]; zeros for a query that may see nothing.
func (b blockwise) attend(q, k, v *graph.Node) *graph.Node {
	column := func(value float64) *graph.Node { // [batch, heads, query, 1]
		d := q.Shape().Dimensions
		return graph.BroadcastToDims(scalar(q, value), d[0], d[1], d[2], 1)
	}
	// Finite: before the first key that it may see, a query's greatest score is below all others, and exp gives 0, not NaN.
	init := []*graph.Node{column(-1e30), column(0), graph.ZerosLike(q)}
	end, _ := Scan(ScanConfig{NoGradient: true, Unroll: UnrollNever}, init, b.slices(k, v), func(step *graph.Node, state, x []*graph.Node) (next, y []*graph.Node) {
		k, v, allowed := x[0], x[1], x[2]
		scores := b.scores(q, k, allowed)
		top := graph.Max(state[0], graph.ReduceAndKeep(scores, graph.ReduceMax, -1))
		weights := masked(allowed, graph.Exp(graph.Sub(scores, top)))
		shrink := graph.Exp(graph.Sub(state[0], top))
		sum := graph.Add(graph.Mul(state[1], shrink), graph.ReduceAndKeep(weights, graph.ReduceSum, -1))
		mixed := graph.EinsumAxes(b.dropped(step, weights), v, [][2]int{{3, 2}}, batched)
		return []*graph.Node{top, sum, graph.Add(graph.Mul(state[2], shrink), mixed)}, nil
	})
	sum := graph.Where(graph.IsZero(end[1]), graph.OnesLike(end[1]), end[1])
	out := graph.Div(end[2], sum)
	logSum := graph.Add(end[0], graph.Log(sum))
	return withGradient(out, []*graph.Node{q, k, v}, onceForAll(func(dy *graph.Node) []*graph.Node {
		return b.gradients(q, k, v, out, logSum, dy)
	}))
}

// gradients of q, k and v, from out's and the logarithm of each query's sum of exponentials.
func (b blockwise) gradients(q, k, v, out, logSum, dy *graph.Node) []*graph.Node {
	inner := graph.ReduceAndKeep(graph.Mul(dy, out), graph.ReduceSum, -1) // Σ weight·∂weight over all keys
	end, ys := Scan(ScanConfig{NoGradient: true, Unroll: UnrollNever}, []*graph.Node{graph.ZerosLike(q)}, b.slices(k, v),
		func(step *graph.Node, state, x []*graph.Node) (next, y []*graph.Node) {
			k, v, allowed := x[0], x[1], x[2]
			weights := masked(allowed, graph.Exp(graph.Sub(b.scores(q, k, allowed), logSum)))
			dv := graph.EinsumAxes(b.dropped(step, weights), dy, [][2]int{{2, 2}}, batched)
			dWeights := b.dropped(step, graph.EinsumAxes(dy, v, [][2]int{{3, 3}}, batched))
			dScores := graph.MulScalar(graph.Mul(weights, graph.Sub(dWeights, inner)), b.scale)
			dk := graph.EinsumAxes(dScores, q, [][2]int{{2, 2}}, batched)
			dq := graph.EinsumAxes(dScores, k, [][2]int{{3, 2}}, batched)
			return []*graph.Node{graph.Add(state[0], dq)}, []*graph.Node{dk, dv}
		})
	return []*graph.Node{end[0], b.joined(ys[0], k), b.joined(ys[1], v)}
}

// scores: [batch, heads, query, block], -1e30 where not allowed.
func (b blockwise) scores(q, k, allowed *graph.Node) *graph.Node {
	scores := graph.EinsumAxes(graph.MulScalar(q, b.scale), k, [][2]int{{3, 3}}, batched)
	return graph.Where(wide(allowed, scores), scores, graph.BroadcastToDims(scalar(scores, -1e30), scores.Shape().Dimensions...))
}

func masked(allowed, x *graph.Node) *graph.Node {
	return graph.Where(wide(allowed, x), x, graph.ZerosLike(x))
}

// wide turns a block's mask, 0 or 1, to a condition shaped as x.
func wide(allowed, x *graph.Node) *graph.Node {
	return graph.BroadcastToShape(graph.NotEqual(allowed, graph.ZerosLike(allowed)), shapes.Make(dtypes.Bool, x.Shape().Dimensions...))
}

func (b blockwise) dropped(step, x *graph.Node) *graph.Node {
	if b.key == nil {
		return x
	}
	return graph.Mul(x, b.drop.factors(Fold(b.key, graph.ConvertDType(step, dtypes.Uint32)), x))
}

// slices cuts k, v and the mask into blocks of keys, the first axis. The mask, of integers as loops on the pure-Go backend want it,
// also hides what fills the last block.
func (b blockwise) slices(k, v *graph.Node) []*graph.Node {
	g, keys := k.Graph(), k.Shape().Dim(2)
	count := (keys + b.block - 1) / b.block
	whole := count * b.block
	allowed := b.mask
	if allowed == nil {
		allowed = graph.BroadcastToDims(graph.Const(g, true), 1, 1, 1, keys)
	} else if allowed.Shape().Dim(3) == 1 {
		d := allowed.Shape().Dimensions
		allowed = graph.BroadcastToDims(allowed, d[0], d[1], d[2], keys)
	}
	cut := func(x *graph.Node, axis int) *graph.Node {
		d := x.Shape().Clone().Dimensions
		x = Lengthen(x, axis, whole)
		order := []int{axis}
		for i := range len(d) + 1 {
			if i != axis {
				order = append(order, i)
			}
		}
		d = append(d[:axis:axis], append([]int{count, b.block}, d[axis+1:]...)...)
		return graph.TransposeAllAxes(graph.Reshape(x, d...), order...)
	}
	return []*graph.Node{cut(k, 2), cut(v, 2), cut(graph.ConvertDType(allowed, dtypes.Int8), 3)}
}

// joined puts blocks of keys, [blocks, batch, heads, block, dim], together to the shape of x.
func (b blockwise) joined(blocks, x *graph.Node) *graph.Node {
	d := x.Shape().Dimensions
	whole := graph.Reshape(graph.TransposeAllAxes(blocks, 1, 2, 0, 3, 4), d[0], d[1], -1, d[3])
	return graph.SliceAxis(whole, 2, graph.AxisRange(0, d[2]))
}
