package gpt

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/nn"
)

// penalize lowers the logits of tokens that have been seen (bool, like logits): positive ones are divided by the penalty, negative ones
// multiplied (Keskar et al., "CTRL: a conditional transformer language model", 2019, section 4.1, as transformers has it).
func penalize(logits, seen, penalty *graph.Node) *graph.Node {
	lower := graph.Where(graph.IsNegative(logits), graph.Mul(logits, penalty), graph.Div(logits, penalty))
	return graph.Where(seen, lower, logits)
}

// topK keeps the k likeliest tokens, and any as likely as the last of these (Fan, Lewis & Dauphin, "Hierarchical neural story
// generation", 2018, section 5.4). p: probabilities [batch, vocabulary], k: scalar float32. The rest become 0.
func topK(p, k *graph.Node) *graph.Node { return keepLargest(p, graph.OnesLike(p), k) }

// topP keeps the likeliest tokens that together have the probability share, and any as likely as the last of these (Holtzman et al.,
// "The curious case of neural text degeneration", 2019, section 3.1). share: scalar.
func topP(p, share *graph.Node) *graph.Node {
	return keepLargest(p, p, graph.Mul(share, graph.ReduceAndKeep(p, graph.ReduceSum, -1)))
}

// keepLargest keeps the largest values of p whose weights, summed, reach enough. It finds the smallest value that is kept without
// sorting, bit by bit: the bits of floats that aren't negative stand in the order of their values.
func keepLargest(p, weights, enough *graph.Node) *graph.Node {
	g := p.Graph()
	bits := graph.Bitcast(p, dtypes.Int32)
	all := func(x *graph.Node) *graph.Node { return graph.BroadcastToDims(x, p.Shape().Dimensions...) }
	const highest = 29 // probabilities are at most 1, whose bits are 0x3f800000
	state := []*graph.Node{graph.Const(g, true), graph.Zeros(g, intShape(p.Shape().Dim(0), 1)), graph.Scalar(g, dtypes.Int32, 1<<highest)}
	least := nn.Loop(highest+1, state, func(_ *graph.Node, state []*graph.Node) []*graph.Node {
		least, bit := state[1], state[2]
		higher := graph.Add(least, bit)
		kept := graph.Where(graph.GreaterOrEqual(bits, all(higher)), weights, graph.ZerosLike(weights))
		sum := graph.ReduceAndKeep(kept, graph.ReduceSum, -1)
		least = graph.Where(graph.GreaterOrEqual(sum, graph.BroadcastToDims(enough, sum.Shape().Dimensions...)), higher, least)
		return []*graph.Node{state[0], least, graph.Div(bit, graph.Scalar(g, dtypes.Int32, 2))}
	})[1]
	return graph.Where(graph.GreaterOrEqual(bits, all(least)), p, graph.ZerosLike(p))
}

// draw picks a token by its probability, with the Gumbel trick: the largest log p + G, where G is -log(-log u).
// p: [batch, vocabulary], not summing to 1 needs be; result: int32 [batch].
func draw(key, p *graph.Node) *graph.Node {
	u := nn.Uniform(key, p.Shape().Dimensions...)
	// The smallest u, 0, would make log 0.
	noise := graph.Neg(graph.Log(graph.Neg(graph.Log(graph.MaxScalar(u, 1.0/(1<<25))))))
	scores := graph.Add(graph.Log(graph.MaxScalar(p, 1e-37)), noise)
	return nn.ArgMax(graph.Where(graph.GreaterThan(p, graph.ZerosLike(p)), scores, graph.AddScalar(graph.ZerosLike(p), math.Inf(-1))))
}
