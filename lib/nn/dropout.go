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
	if d.P == 0 || !s.IsTraining(x.Graph()) {
		return seen(s, d, x)
	}
	kept := graph.GreaterOrEqual(Uniform(NextKey(s, x.Graph()), x.Shape().Dimensions...), graph.Scalar(x.Graph(), dtypes.Float32, d.P))
	return seen(s, d, graph.Where(kept, graph.DivScalar(x, 1-d.P), graph.ZerosLike(x)))
}

// String is the line that PyTorch prints.
func (d *Dropout) String() string {
	return fmt.Sprintf("Dropout(p=%s, inplace=False)", pyFloat(d.P))
}
