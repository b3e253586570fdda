package transformer

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// Activation is the function between the two layers of a feed-forward part.
type Activation string

const (
	ReLU Activation = "relu" // the paper's
	GELU Activation = "gelu" // x·Φ(x), exact as PyTorch's (Hendrycks & Gimpel, "Gaussian error linear units", 2016)
)

func (a Activation) validate() error {
	if a != ReLU && a != GELU {
		return fmt.Errorf("transformer: activation is %q: it must be %q or %q", a, ReLU, GELU)
	}
	return nil
}

// Forward applies the function to each value of x.
func (a Activation) Forward(x *graph.Node) *graph.Node {
	if a == GELU {
		return graph.Mul(x, graph.MulScalar(graph.OnePlus(graph.Erf(graph.MulScalar(x, 1/math.Sqrt2))), 0.5))
	}
	// The zero first: at a tie GoMLX's gradient goes there, and is 0 as PyTorch's.
	return graph.Max(graph.ScalarZero(x.Graph(), x.DType()), x)
}

// String is the line that PyTorch prints.
func (a Activation) String() string {
	if a == GELU {
		return "GELU(approximate='none')"
	}
	return "ReLU()"
}
