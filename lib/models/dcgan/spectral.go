package dcgan

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// spectralConv is a convolution whose kernel is divided by its largest singular value, PyTorch's
// torch.nn.utils.parametrizations.spectral_norm. A pass in training moves the singular vectors one step of the power iteration.
// PyTorch takes 15 steps when it makes the layer; here the vectors begin at random, and training itself brings them near.
type spectralConv struct {
	Weight *nn.Param `nn:"parametrizations.weight.original"` // [4, 4, in, out]
	U      *nn.Param `nn:"parametrizations.weight.0._u"`     // [out], of length 1
	V      *nn.Param `nn:"parametrizations.weight.0._v"`     // [in·4·4], of length 1

	conv *nn.Conv // for its name and options
}

func newSpectralConv(l *nn.Conv) *spectralConv {
	return &spectralConv{
		Weight: l.Weight, conv: l,
		U: &nn.Param{Shape: []int{l.Out}, Init: unitInit, Buffer: true},
		V: &nn.Param{Shape: []int{l.Weight.Size() / l.Out}, Init: unitInit, Buffer: true},
	}
}

// unitInit draws a direction.
func unitInit(rng *rand.Rand, values []float32) {
	var sum float64
	for i := range values {
		v := rng.NormFloat64()
		values[i] = float32(v)
		sum += v * v
	}
	for i := range values {
		values[i] /= float32(math.Sqrt(sum))
	}
}

// Forward maps x: [batch, height, width, in] to [batch, …, …, out].
func (l *spectralConv) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	g := x.Graph()
	kernel := l.Weight.Node(s, g)
	// The matrix as PyTorch has it: a row for each output channel, its columns in the order of the file.
	matrix := graph.Reshape(graph.TransposeAllAxes(kernel, 3, 2, 0, 1), l.conv.Out, -1)
	u, v := l.U.Node(s, g), l.V.Node(s, g)
	if s.IsTraining(g) {
		still := graph.StopGradient(matrix)
		u = unitLength(graph.MatMul(still, graph.InsertAxes(v, -1)))
		v = unitLength(graph.MatMul(graph.InsertAxes(u, 0), still))
		l.U.Set(s, u)
		l.V.Set(s, v)
	}
	sigma := graph.ReduceAllSum(graph.Mul(u, graph.Reshape(graph.MatMul(matrix, graph.InsertAxes(v, -1)), -1)))
	return nn.Convolve(x, graph.Div(kernel, sigma), l.conv.Options)
}

// unitLength flattens x and makes its length 1.
func unitLength(x *graph.Node) *graph.Node {
	x = graph.StopGradient(graph.Reshape(x, -1))
	return graph.Div(x, graph.MaxScalar(graph.Sqrt(graph.ReduceAllSum(graph.Square(x))), 1e-12))
}

// String is the convolution's line; what PyTorch adds below it for the parametrisation is left out.
func (l *spectralConv) String() string { return "Parametrized" + l.conv.String() }
