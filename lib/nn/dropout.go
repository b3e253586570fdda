package nn

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Dropout zeroes values with probability P while training and scales the others by 1/(1-P), PyTorch's nn.Dropout.
type Dropout struct {
	P float64
}

// Forward maps x to a like-shaped tensor. It draws from the graph's random key.
func (d *Dropout) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if !d.active(s, x.Graph()) {
		return Seen(s, d, x)
	}
	return Seen(s, d, graph.Mul(x, d.factors(NextKey(s, x.Graph()), x)))
}

func (d *Dropout) active(s *model.Scope, g *graph.Graph) bool { return d.P > 0 && s.IsTraining(g) }

// factors, shaped as x, are 0 with probability P, else 1/(1-P).
func (d *Dropout) factors(key, x *graph.Node) *graph.Node {
	scale := 0.0 // of P = 1: nothing is kept, and 0·∞ would be NaN
	if d.P < 1 {
		scale = 1 / (1 - d.P)
	}
	kept := graph.GreaterOrEqual(Uniform(key, x.Shape().Dimensions...), graph.Scalar(key.Graph(), dtypes.Float32, d.P))
	return graph.MulScalar(graph.ConvertDType(kept, x.DType()), scale)
}

// String is the line that PyTorch prints.
func (d *Dropout) String() string {
	return fmt.Sprintf("Dropout(p=%s, inplace=False)", pyFloat(d.P))
}
