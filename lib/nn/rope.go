package nn

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// Rotary turns each head's vectors by angles that grow with their position, so that the product of two depends on how far apart they
// stand (Su et al., "RoFormer: enhanced transformer with rotary position embedding", 2021, equation 34). Values i and i+dim/2 make a
// pair, as in Llama and GPT-NeoX; its angle is position·theta^(-2i/dim).
// x: [batch, length, heads, dim], positions: integers [length] or [batch, length].
func Rotary(x, positions *graph.Node, theta float64) *graph.Node {
	dim := x.Shape().Dim(-1)
	if x.Rank() != 4 || dim%2 != 0 {
		panic(errorf("rotary positions take [batch, length, heads, even], were given %s", x.Shape()))
	}
	speeds := make([]float32, dim/2)
	for i := range speeds {
		speeds[i] = float32(math.Pow(theta, -2*float64(i)/float64(dim)))
	}
	if positions.Rank() == 1 {
		positions = graph.InsertAxes(positions, 0)
	}
	positions = graph.InsertAxes(graph.ConvertDType(positions, x.DType()), -1, -1) // [batch or 1, length, 1, 1]
	angles := graph.Mul(positions, graph.ExpandLeftToRank(graph.ConvertDType(graph.Const(x.Graph(), speeds), x.DType()), 4))
	sin, cos := graph.Sin(angles), graph.Cos(angles)
	a, b := graph.SliceAxis(x, 3, graph.AxisRange(0, dim/2)), graph.SliceAxis(x, 3, graph.AxisRange(dim/2, dim))
	return graph.Concatenate([]*graph.Node{
		graph.Sub(graph.Mul(a, cos), graph.Mul(b, sin)),
		graph.Add(graph.Mul(b, cos), graph.Mul(a, sin)),
	}, 3)
}
