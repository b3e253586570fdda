package wavenet

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// Encode is the µ-law code of each sample (ITU-T G.711's curve, section 2.2): finer near silence than near full scale.
// x: in [-1, 1], codes: int32 from 0 to classes-1.
func Encode(x *graph.Node, classes int) *graph.Node {
	mu := float64(classes - 1)
	y := graph.Mul(graph.Sign(x), graph.DivScalar(graph.Log1p(graph.MulScalar(graph.Abs(x), mu)), math.Log1p(mu)))
	return graph.ConvertDType(graph.Floor(graph.AddScalar(graph.MulScalar(graph.OnePlus(y), mu/2), 0.5)), dtypes.Int32)
}

// Decode is the sample that a code stands for, in [-1, 1].
func Decode(codes *graph.Node, classes int) *graph.Node {
	mu := float64(classes - 1)
	y := graph.AddScalar(graph.MulScalar(graph.ConvertDType(codes, dtypes.Float32), 2/mu), -1)
	size := graph.DivScalar(graph.AddScalar(graph.Exp(graph.MulScalar(graph.Abs(y), math.Log1p(mu))), -1), mu)
	return graph.Mul(graph.Sign(y), size)
}

// Silence is the code of 0.
func Silence(classes int) int32 { return int32(classes / 2) }
