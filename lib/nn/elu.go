package nn

import (
	"cmp"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// ELU is x, or Alpha·(exp(x) - 1) where it is negative (Clevert, Unterthiner & Hochreiter, "Fast and accurate deep network learning by
// exponential linear units", 2015, equation 15).
type ELU struct {
	Alpha   float64 // 0 is PyTorch's default, 1
	Inplace bool
}

// Forward maps x element by element.
func (l ELU) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	return expLinear(x, l.alpha(), 1, 1)
}

func (l ELU) alpha() float64 { return cmp.Or(l.Alpha, 1) }

// String is the line that PyTorch prints.
func (l ELU) String() string {
	return fmt.Sprintf("ELU(alpha=%s%s)", pyFloat(l.alpha()), inplace(l.Inplace))
}

// CELU is x, or Alpha·(exp(x/Alpha) - 1) where it is negative (Barron, "Continuously differentiable exponential linear units", 2017).
type CELU struct {
	Alpha   float64 // 0 is PyTorch's default, 1
	Inplace bool
}

// Forward maps x element by element.
func (l CELU) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	return expLinear(x, l.alpha(), 1/l.alpha(), 1)
}

func (l CELU) alpha() float64 { return cmp.Or(l.Alpha, 1) }

// String is the line that PyTorch prints.
func (l CELU) String() string {
	return fmt.Sprintf("CELU(alpha=%s%s)", pyFloat(l.alpha()), inplace(l.Inplace))
}

// SELU is an ELU whose constants keep mean 0 and variance 1 (Klambauer et al., "Self-normalizing neural networks", 2017, equation 2).
type SELU struct{ Inplace bool }

// The constants of Klambauer et al., as PyTorch has them.
const seluAlpha, seluScale = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946

// Forward maps x element by element.
func (SELU) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	return expLinear(x, seluAlpha, 1, seluScale)
}

// String is the line that PyTorch prints.
func (l SELU) String() string {
	if l.Inplace {
		return "SELU(inplace=True)"
	}
	return "SELU()"
}

// expLinear is scale·x, or scale·alpha·(exp(x·inner) - 1) where x is negative.
func expLinear(x *graph.Node, alpha, inner, scale float64) *graph.Node {
	if isEmpty(x) {
		return x
	}
	below := notPositive(x)
	// Without the inner choice an overflow on the side not taken would make the gradient NaN.
	curve := graph.Expm1(scaled(graph.Where(below, x, graph.ZerosLike(x)), inner))
	return graph.Where(below, scaled(curve, alpha*scale), scaled(x, scale))
}

func scaled(x *graph.Node, by float64) *graph.Node {
	if by == 1 {
		return x
	}
	return graph.MulScalar(x, by)
}

// inplace is what PyTorch appends to an activation's arguments.
func inplace(set bool) string {
	if set {
		return ", inplace=True"
	}
	return ""
}
