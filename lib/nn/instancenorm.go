package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// InstanceNorm is PyTorch's nn.InstanceNorm1d to nn.InstanceNorm3d (Ulyanov, Vedaldi & Lempitsky, "Instance normalization", 2016).
type InstanceNorm struct {
	Axes     int // 1 to 3
	Features int
	Eps      float64
	Momentum float64 // a batch's part in the running statistics

	Weight  *Param `nn:"weight"`              // [features]; nil without
	Bias    *Param `nn:"bias"`                // [features]; nil without
	Mean    *Param `nn:"running_mean"`        // [features]; nil without
	Var     *Param `nn:"running_var"`         // [features]; of the unbiased variance
	Batches *Param `nn:"num_batches_tracked"` // int64; PyTorch never moves it
}

// NewInstanceNorm1d makes a layer for x: [batch, length, features] with PyTorch's defaults: no parameters, no running statistics.
func NewInstanceNorm1d(features int) *InstanceNorm { return newInstanceNorm(1, features) }

// NewInstanceNorm2d makes a layer for x: [batch, height, width, features] with PyTorch's defaults: no parameters, no running statistics.
func NewInstanceNorm2d(features int) *InstanceNorm { return newInstanceNorm(2, features) }

// NewInstanceNorm3d makes a layer for x: [batch, depth, height, width, features] with PyTorch's defaults: no parameters, no running
// statistics.
func NewInstanceNorm3d(features int) *InstanceNorm { return newInstanceNorm(3, features) }

func newInstanceNorm(axes, features int) *InstanceNorm {
	return &InstanceNorm{Axes: axes, Features: features, Eps: 1e-5, Momentum: 0.1}
}

// WithAffine adds weights of one and biases of zero, PyTorch's affine=True.
func (l *InstanceNorm) WithAffine() *InstanceNorm {
	l.Weight, l.Bias = affine(l.Features)
	return l
}

// WithStats adds running statistics, PyTorch's track_running_stats=True, by which it normalises where it isn't trained.
func (l *InstanceNorm) WithStats() *InstanceNorm {
	l.Mean, l.Var, l.Batches = running(l.Features)
	return l
}

// Forward maps x: [batch, spatial..., features] to a like-shaped tensor.
func (l *InstanceNorm) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() != l.Axes+2 || x.Shape().Dim(-1) != l.Features {
		panic(errorf("InstanceNorm%dd takes [batch, %d spatial axes, %d], was given %s", l.Axes, l.Axes, l.Features, x.Shape()))
	}
	g := x.Graph()
	training := s.IsTraining(g)
	places := x.Shape().Size() / max(x.Shape().Dim(0)*l.Features, 1)
	if training && places == 1 {
		panic(errorf("InstanceNorm%dd needs more than one value a feature to train on, was given %s", l.Axes, x.Shape()))
	}
	y := x
	switch {
	case isEmpty(x):
	case l.Mean != nil && !training:
		scale := rsqrt(graph.AddScalar(l.Var.Node(s, g), l.Eps))
		y = graph.Sub(x, graph.ExpandLeftToRank(l.Mean.Node(s, g), x.Rank()))
		y = graph.Mul(y, graph.ExpandLeftToRank(scale, x.Rank()))
	default:
		if l.Mean != nil {
			flat := graph.Reshape(x, x.Shape().Dim(0), places, l.Features)
			mean := graph.ReduceAndKeep(flat, graph.ReduceMean, 1)
			variance := graph.ReduceSum(graph.Square(graph.Sub(flat, mean)), 1) // [batch, features]
			move(s, l.Mean, graph.ReduceMean(mean, 0, 1), scalar(x, l.Momentum))
			move(s, l.Var, graph.DivScalar(graph.ReduceMean(variance, 0), float64(places-1)), scalar(x, l.Momentum))
		}
		y = normGroups(x, l.Features, l.Eps)
	}
	return Observed(s, l, scaleAndShift(s, y, l.Weight, l.Bias))
}

// String is the line that PyTorch prints.
func (l *InstanceNorm) String() string {
	return fmt.Sprintf("InstanceNorm%dd(%d, eps=%s, momentum=%s, affine=%s, bias=%s, track_running_stats=%s)", l.Axes, l.Features, pyFloat(l.Eps),
		pyFloat(l.Momentum), pyBool(l.Weight != nil), pyBool(l.Bias != nil), pyBool(l.Mean != nil))
}
