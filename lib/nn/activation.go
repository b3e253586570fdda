package nn

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Activations are layers without parameters. Their gradients at a kink are PyTorch's: that of the left side. Inplace changes what
// is printed, nothing else.

// ReLU is max(x, 0).
type ReLU struct{ Inplace bool }

// Forward maps x element by element.
func (l ReLU) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	if isEmpty(x) { // the pure-Go backend can't compare it
		return x
	}
	return graph.Where(notPositive(x), graph.ZerosLike(x), x)
}

// String is the line that PyTorch prints.
func (l ReLU) String() string {
	if l.Inplace {
		return "ReLU(inplace=True)"
	}
	return "ReLU()"
}

// LeakyReLU is x, times Slope where it is negative.
type LeakyReLU struct {
	Slope   float64
	Inplace bool
}

// Forward maps x element by element.
func (l LeakyReLU) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	if isEmpty(x) {
		return x
	}
	// A factor, so that what is kept for the gradient is the comparison.
	slope := graph.Where(notPositive(x), scalar(x, l.Slope), graph.OnesLike(x))
	return graph.Mul(x, slope)
}

// String is the line that PyTorch prints.
func (l LeakyReLU) String() string {
	if l.Inplace {
		return fmt.Sprintf("LeakyReLU(negative_slope=%s, inplace=True)", pyFloat(l.Slope))
	}
	return fmt.Sprintf("LeakyReLU(negative_slope=%s)", pyFloat(l.Slope))
}

// Tanh is the hyperbolic tangent.
type Tanh struct{}

// Forward maps x element by element.
func (Tanh) Forward(_ *model.Scope, x *graph.Node) *graph.Node { return graph.Tanh(x) }

// String is the line that PyTorch prints.
func (Tanh) String() string { return "Tanh()" }

// Sigmoid is 1 / (1 + exp(-x)).
type Sigmoid struct{}

// Forward maps x element by element.
func (Sigmoid) Forward(_ *model.Scope, x *graph.Node) *graph.Node { return graph.Sigmoid(x) }

// String is the line that PyTorch prints.
func (Sigmoid) String() string { return "Sigmoid()" }

// GELU is x·Φ(x) with the normal distribution's Φ (Hendrycks & Gimpel, "Gaussian error linear units", 2016), or its approximation
// by a hyperbolic tangent.
type GELU struct{ Tanh bool }

// Forward maps x element by element.
func (l GELU) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	if l.Tanh {
		inner := graph.Mul(x, graph.OnePlus(graph.MulScalar(graph.Square(x), 0.044715)))
		return graph.Mul(graph.MulScalar(x, 0.5), graph.OnePlus(graph.Tanh(graph.MulScalar(inner, math.Sqrt(2/math.Pi)))))
	}
	return graph.Mul(graph.MulScalar(x, 0.5), graph.OnePlus(graph.Erf(graph.MulScalar(x, math.Sqrt2/2))))
}

// String is the line that PyTorch prints.
func (l GELU) String() string {
	if l.Tanh {
		return "GELU(approximate='tanh')"
	}
	return "GELU(approximate='none')"
}

// SiLU is x·sigmoid(x), also called swish.
type SiLU struct{}

// Forward maps x element by element.
func (SiLU) Forward(_ *model.Scope, x *graph.Node) *graph.Node { return graph.Mul(x, graph.Sigmoid(x)) }

// String is the line that PyTorch prints.
func (SiLU) String() string { return "SiLU()" }

// notPositive is x <= 0; false for NaN, which every activation passes on.
func notPositive(x *graph.Node) *graph.Node {
	return graph.LessOrEqual(x, graph.ScalarZero(x.Graph(), x.DType()))
}
