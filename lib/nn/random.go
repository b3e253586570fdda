package nn

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Random numbers are a function of a key, [2]uint32, by Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as
// easy as 1, 2, 3", 2011). GoMLX's own generator gives each backend a stream of its own; here the bits are the same on all, and a
// resumed training draws what an uninterrupted one would have drawn.

const keyParam = "genlab.key"

// stream hands out a graph's keys: the n-th is the graph's key folded with n.
type stream struct {
	key  *graph.Node
	next uint32
}

// SeedGraph sets the key: [2]uint32 that [NextKey] draws from, for the graph of key.
func SeedGraph(s *model.Scope, key *graph.Node) {
	if sh := key.Shape(); sh.DType != dtypes.Uint32 || sh.Rank() != 1 || sh.Dim(0) != 2 {
		panic(errorf("a random key is [2]uint32, was given %s", sh))
	}
	s.Store().RootScope().SetGraphParam(key.Graph(), keyParam, &stream{key: key})
}

// NextKey returns a fresh key of graph g, for one call of [Uniform], [Normal] or another drawing function.
func NextKey(s *model.Scope, g *graph.Graph) *graph.Node {
	v, ok := s.Store().RootScope().GetGraphParam(g, keyParam)
	if !ok {
		panic(errorf("this graph draws random numbers but has no key: call nn.SeedGraph first"))
	}
	st := v.(*stream)
	st.next++
	return Fold(st.key, graph.Scalar(g, dtypes.Uint32, st.next-1))
}

// Fold mixes a number (scalar, uint32) into a key, which gives an independent key.
func Fold(key, data *graph.Node) *graph.Node {
	a, b := threefry(key, graph.ZerosLike(data), data)
	return graph.Stack([]*graph.Node{a, b}, 0)
}

// Uniform draws from U[0, 1) with 24 bits. Each value has a counter of its own and uses one of its two words: with both, XLA on CPU
// computes value by value at the seam between them, five times slower than this.
func Uniform(key *graph.Node, dims ...int) *graph.Node {
	shape := shapes.Make(dtypes.Float32, dims...)
	counter := graph.Iota(key.Graph(), shapes.Make(dtypes.Uint32, shape.Size()), 0)
	word, _ := threefry(key, counter, graph.ZerosLike(counter))
	return graph.Reshape(unit(word), dims...)
}

// Normal draws from N(0, 1) by the Box–Muller transform.
func Normal(key *graph.Node, dims ...int) *graph.Node {
	shape := shapes.Make(dtypes.Float32, dims...)
	a, b := words(key, shape.Size())
	// 1-u is in (0, 1], where the logarithm is finite.
	radius := graph.Sqrt(graph.MulScalar(graph.Log(graph.OneMinus(unit(a))), -2))
	angle := graph.MulScalar(unit(b), 2*math.Pi)
	return fill(shape, graph.Mul(radius, graph.Cos(angle)), graph.Mul(radius, graph.Sin(angle)))
}

// words returns two lists of at least size/2 random words.
func words(key *graph.Node, size int) (a, b *graph.Node) {
	counter := graph.Iota(key.Graph(), shapes.Make(dtypes.Uint32, max(1, (size+1)/2)), 0)
	return threefry(key, counter, graph.ZerosLike(counter))
}

// unit maps a word's upper 24 bits to [0, 1).
func unit(word *graph.Node) *graph.Node {
	bits := graph.BitwiseShiftRightLogicalScalar(word, uint32(8))
	return graph.MulScalar(graph.ConvertDType(bits, dtypes.Float32), 1.0/(1<<24))
}

func fill(shape shapes.Shape, a, b *graph.Node) *graph.Node {
	all := graph.Concatenate([]*graph.Node{a, b}, 0)
	return graph.Reshape(graph.Slice(all, graph.AxisRangeFromStart(shape.Size())), shape.Dimensions...)
}

// threefry enciphers the counters (x0, x1) with the key.
func threefry(key, x0, x1 *graph.Node) (a, b *graph.Node) {
	rotations := [2][4]uint32{{13, 15, 26, 6}, {17, 29, 16, 24}}
	k0 := graph.Reshape(graph.Slice(key, graph.AxisElem(0)))
	k1 := graph.Reshape(graph.Slice(key, graph.AxisElem(1)))
	k2 := graph.BitwiseXor(graph.BitwiseXor(k0, k1), graph.Scalar(key.Graph(), dtypes.Uint32, uint32(0x1BD11BDA)))
	ks := [3]*graph.Node{k0, k1, k2}

	x0, x1 = graph.Add(x0, k0), graph.Add(x1, k1)
	for round := range 5 {
		for _, r := range rotations[round%2] {
			x0 = graph.Add(x0, x1)
			x1 = graph.BitwiseXor(rotateLeft(x1, r), x0)
		}
		x0 = graph.Add(x0, ks[(round+1)%3])
		x1 = graph.AddScalar(graph.Add(x1, ks[(round+2)%3]), uint32(round+1))
	}
	return x0, x1
}

func rotateLeft(x *graph.Node, bits uint32) *graph.Node {
	return graph.BitwiseOr(graph.BitwiseShiftLeftScalar(x, bits), graph.BitwiseShiftRightLogicalScalar(x, 32-bits))
}
