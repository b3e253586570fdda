package gpt

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// A cache holds the keys and values of the tokens so far, so that the next token costs one position's work: for each layer
// [batch·kv heads, dim, size] and [batch·kv heads, size, dim]. Texts of a batch end side by side: the shorter ones begin with padding,
// which nobody looks at.

// emptyCache has room for size tokens.
func (n *Net) emptyCache(g *graph.Graph, batch, size int) []*graph.Node {
	rows, dim := batch*n.Config.kvHeads(), n.Config.Embed/n.Config.Heads
	var list []*graph.Node
	for range n.Config.Layers {
		k, v := nn.EmptyCache(g, rows, dim, size)
		list = append(list, k, v)
	}
	return list
}

// extend computes the logits after the last of some tokens, which stand in the cache from place at on, and puts them there.
// tokens: integers [batch, length], at: scalar int32, and 0 where length is more than 1; pad: int32 [batch], the padding before each
// text; logits: [batch, vocabulary].
func (n *Net) extend(s *model.Scope, tokens, at, pad *graph.Node, cache []*graph.Node) (logits *graph.Node, after []*graph.Node) {
	batch, length, size := tokens.Shape().Dim(0), tokens.Shape().Dim(1), cache[1].Shape().Dim(1)
	g := tokens.Graph()
	place := graph.Add(graph.Iota(g, intShape(batch, length), 1), at) // in the cache
	before := graph.BroadcastToDims(graph.InsertAxes(pad, -1), batch, length)
	positions := graph.Max(graph.Sub(place, before), graph.ZerosLike(place))

	x := n.Transformer.Tokens.Forward(s, tokens)
	if p := n.Transformer.Positions; p != nil {
		x = graph.Add(x, p.Forward(s, positions))
	}
	// A token alone sees the cache up to its own place, once the padding is over: [batch, 1, 1, size].
	dims := []int{batch, 1, 1, size}
	key := graph.Iota(g, intShape(dims...), 3)
	seen := graph.LogicalAnd(graph.LessOrEqual(key, graph.BroadcastToDims(at, dims...)),
		graph.GreaterOrEqual(key, graph.BroadcastToDims(graph.InsertAxes(pad, -1, -1, -1), dims...)))

	for i, b := range n.Transformer.Blocks {
		x = b.forward(s, x, func(x *graph.Node) *graph.Node {
			q, k, v := b.Attention.project(s, x, positions)
			keys, values := nn.KeysLast(k), nn.HeadsFirst(v)
			if length == 1 {
				keys, values = nn.PutAt(cache[2*i], keys, at, 2), nn.PutAt(cache[2*i+1], values, at, 1)
				after = append(after, keys, values)
				return b.Attention.out(s, nn.AttendHeads(s, q, keys, values, seen, b.Attention.Dropout))
			}
			rest := graph.AxisRange(length, size)
			after = append(after, graph.Concatenate([]*graph.Node{keys, graph.SliceAxis(cache[2*i], 2, rest)}, 2),
				graph.Concatenate([]*graph.Node{values, graph.SliceAxis(cache[2*i+1], 1, rest)}, 1))
			return b.Attention.out(s, nn.CausalHeads(s, q, k, v, pad, b.Attention.Dropout))
		})
	}
	x = graph.SliceAxis(x, 1, graph.AxisRange(length-1, length))
	return graph.Reshape(n.Head.Forward(s, n.Transformer.Norm.Forward(s, x)), batch, n.Config.VocabSize), after
}

// again is extend without a cache: it computes all positions of texts: int32 [batch, size] anew, for the logits after place at.
func (n *Net) again(s *model.Scope, texts, at, pad *graph.Node) *graph.Node {
	batch, size := texts.Shape().Dim(0), texts.Shape().Dim(1)
	cache := n.emptyCache(texts.Graph(), batch, size+1)
	// What comes after place at isn't looked at. Turning the texts so that it stands last makes extend's logits those after it.
	shift := graph.Sub(graph.Scalar(texts.Graph(), dtypes.Int32, int32(size-1)), at)
	place := graph.Iota(texts.Graph(), intShape(batch, size), 1)
	from := graph.Max(graph.Sub(place, shift), graph.ZerosLike(place))
	hot := graph.OneHot(from, size, dtypes.Int32) // [batch, size, size of the texts]
	turned := graph.ReduceSum(graph.Mul(hot, graph.InsertAxes(texts, 1)), -1)
	logits, _ := n.extend(s, turned, graph.Scalar(texts.Graph(), dtypes.Int32, 0), graph.Add(pad, shift), cache)
	return logits
}
