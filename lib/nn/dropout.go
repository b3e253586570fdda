package nn

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
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
		return Observed(s, d, x)
	}
	return Observed(s, d, graph.Mul(x, d.factors(NextKey(s, x.Graph()), x)))
}

func (d *Dropout) active(s *model.Scope, g *graph.Graph) bool { return d.P > 0 && s.IsTraining(g) }

// key is one to draw by, where values are dropped part by part; nil where none are.
func (d *Dropout) key(s *model.Scope, g *graph.Graph) *graph.Node {
	if !d.active(s, g) {
		return nil
	}
	return NextKey(s, g)
}

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

// ChannelDropout zeroes whole channels of a sample with probability P while training and scales the others by 1/(1-P), PyTorch's
// nn.Dropout1d to nn.Dropout3d (Tompson et al., "Efficient object localization using convolutional networks", 2014).
type ChannelDropout struct {
	Axes int // 1 to 3
	P    float64
}

// Forward maps x: [batch, spatial..., channels] to a like-shaped tensor. It draws from the graph's random key.
func (d *ChannelDropout) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() != d.Axes+2 {
		panic(errorf("%s takes [batch, %d spatial axes, channels], was given %s", d, d.Axes, x.Shape()))
	}
	drop := &Dropout{P: d.P}
	if !drop.active(s, x.Graph()) {
		return Observed(s, d, x)
	}
	channels := slices.Repeat([]int{1}, x.Rank())
	channels[0], channels[x.Rank()-1] = x.Shape().Dim(0), x.Shape().Dim(-1)
	factors := drop.factors(NextKey(s, x.Graph()), graph.Zeros(x.Graph(), shapes.Make(x.DType(), channels...)))
	return Observed(s, d, graph.Mul(x, factors))
}

// String is the line that PyTorch prints.
func (d *ChannelDropout) String() string {
	return fmt.Sprintf("Dropout%dd(p=%s, inplace=False)", d.Axes, pyFloat(d.P))
}
