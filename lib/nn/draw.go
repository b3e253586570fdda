package nn

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Drawing says how a token is drawn. Each field is a float32 scalar, so that one graph serves all its values; nil leaves the field out.
type Drawing struct {
	Temperature *graph.Node // divides the logits: below 1 the likely become likelier
	// TopK is among how many likeliest tokens to draw (Fan, Lewis & Dauphin, "Hierarchical neural story generation", 2018, section 5.4).
	TopK *graph.Node
	// TopP keeps the likeliest tokens that together have this share of the probability, after TopK (Holtzman et al., "The curious case of
	// neural text degeneration", 2019, section 3.1).
	TopP *graph.Node
}

// Token draws one for each row of logits [batch, vocabulary], int32 [batch]. The same key, as [Uniform] takes it, gives the same.
// Tokens as likely as the last one that TopK or TopP keep are kept, too.
func (d Drawing) Token(key, logits *graph.Node) *graph.Node {
	if d.Temperature != nil {
		logits = graph.Div(logits, graph.MaxScalar(d.Temperature, 1e-6))
	}
	// The Gumbel trick: the largest log p + G, where G is -log(-log u), is each as often as p says. The smallest u, 0, would make log 0.
	u := graph.MaxScalar(Uniform(key, logits.Shape().Dimensions...), 1.0/(1<<25))
	scores := graph.Sub(logits, graph.Log(graph.Neg(graph.Log(u))))
	if d.TopK != nil || d.TopP != nil {
		kept := graph.GreaterThan(d.keep(graph.Softmax(logits, -1)), graph.ZerosLike(logits))
		scores = graph.Where(kept, scores, graph.AddScalar(graph.ZerosLike(scores), math.Inf(-1)))
	}
	return ArgMax(scores)
}

// keep puts 0 in the place of the probabilities p [batch, vocabulary] that aren't drawn from.
func (d Drawing) keep(p *graph.Node) *graph.Node {
	if d.TopK != nil {
		p = keepLargest(p, graph.OnesLike(p), d.TopK)
	}
	if d.TopP != nil {
		p = keepLargest(p, p, graph.Mul(d.TopP, graph.ReduceAndKeep(p, graph.ReduceSum, -1)))
	}
	return p
}

// fewTokens is a vocabulary, such as one of characters, of which it is quicker to compare all pairs than to search 30 times.
const fewTokens = 256

// keepLargest keeps the largest values of each row of p, at least 0, whose weights, summed, reach enough, a scalar or [batch, 1], and
// any as large as the last of these. The rest become 0.
func keepLargest(p, weights, enough *graph.Node) *graph.Node {
	enough = graph.BroadcastToDims(enough, p.Shape().Dim(0), 1)
	if p.Shape().Dim(1) <= fewTokens {
		return keepByPairs(p, weights, enough)
	}
	return keepByBits(p, weights, enough)
}

// keepByPairs keeps what has too little ahead of it.
func keepByPairs(p, weights, enough *graph.Node) *graph.Node {
	batch, n := p.Shape().Dim(0), p.Shape().Dim(1)
	across := func(x *graph.Node) *graph.Node { return graph.BroadcastToDims(graph.InsertAxes(x, 1), batch, n, n) }
	ahead := graph.GreaterThan(across(p), graph.BroadcastToDims(graph.InsertAxes(p, 2), batch, n, n)) // [b, i, j]: j is larger than i
	sum := graph.ReduceSum(graph.Where(ahead, across(weights), graph.Zeros(p.Graph(), shapes.Make(p.DType(), batch, n, n))), -1)
	return graph.Where(graph.LessThan(sum, graph.BroadcastToDims(enough, batch, n)), p, graph.ZerosLike(p))
}

// keepByBits finds the smallest value that is kept without sorting, bit by bit: the bits of floats that aren't negative stand in the
// order of their values.
func keepByBits(p, weights, enough *graph.Node) *graph.Node {
	g := p.Graph()
	bits := graph.Bitcast(p, dtypes.Int32)
	all := func(x *graph.Node) *graph.Node { return graph.BroadcastToDims(x, p.Shape().Dimensions...) }
	const highest = 29 // probabilities are at most 1, whose bits are 0x3f800000
	state := []*graph.Node{
		graph.Const(g, true), graph.Zeros(g, shapes.Make(dtypes.Int32, p.Shape().Dim(0), 1)), graph.Scalar(g, dtypes.Int32, 1<<highest),
	}
	least := Loop(highest+1, state, func(_ *graph.Node, state []*graph.Node) []*graph.Node {
		least, bit := state[1], state[2]
		higher := graph.Add(least, bit)
		kept := graph.Where(graph.GreaterOrEqual(bits, all(higher)), weights, graph.ZerosLike(weights))
		sum := graph.ReduceAndKeep(kept, graph.ReduceSum, -1)
		least = graph.Where(graph.GreaterOrEqual(sum, enough), higher, least)
		return []*graph.Node{state[0], least, graph.Div(bit, graph.Scalar(g, dtypes.Int32, 2))}
	})[1]
	return graph.Where(graph.GreaterOrEqual(bits, all(least)), p, graph.ZerosLike(p))
}
