package nn

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// The lines printed are PyTorch 2.13's; up to 2.9 it left bias out.

// BatchNorm is PyTorch's nn.BatchNorm1d or nn.BatchNorm2d (Ioffe & Szegedy, "Batch normalization", 2015). Training, it normalises
// by the batch and moves the running statistics; otherwise it normalises by these.
type BatchNorm struct {
	Axes     int // 1 or 2, for its name
	Features int
	Eps      float64
	Momentum float64 // the batch's part in the running statistics

	Weight  *Param `nn:"weight"`              // [features]
	Bias    *Param `nn:"bias"`                // [features]
	Mean    *Param `nn:"running_mean"`        // [features]
	Var     *Param `nn:"running_var"`         // [features]; of the unbiased variance, though batches are divided by the biased one
	Batches *Param `nn:"num_batches_tracked"` // int64
}

// NewBatchNorm1d makes a layer for x: [batch, features] or [batch, length, features], with PyTorch's eps and momentum.
func NewBatchNorm1d(features int) *BatchNorm { return newBatchNorm(1, features) }

// NewBatchNorm2d makes a layer for x: [batch, height, width, features], with PyTorch's eps and momentum.
func NewBatchNorm2d(features int) *BatchNorm { return newBatchNorm(2, features) }

func newBatchNorm(axes, features int) *BatchNorm {
	each := []int{features}
	return &BatchNorm{
		Axes: axes, Features: features, Eps: 1e-5, Momentum: 0.1,
		Weight:  &Param{Shape: each, Init: ConstInit(1)},
		Bias:    &Param{Shape: each},
		Mean:    &Param{Shape: each, Buffer: true},
		Var:     &Param{Shape: each, Buffer: true, Init: ConstInit(1)},
		Batches: &Param{Buffer: true, DType: dtypes.Int64},
	}
}

// Forward maps x: [batch, ..., features] to a like-shaped tensor.
func (l *BatchNorm) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	g := x.Graph()
	if r := x.Rank(); x.Shape().Dim(-1) != l.Features || r > l.Axes+2 || r < 2 || l.Axes == 2 && r != 4 {
		panic(errorf("BatchNorm%dd %q takes [batch, ..., %d], was given %s", l.Axes, l.Weight.path, l.Features, x.Shape()))
	}
	mean, variance := l.Mean.Node(s, g), l.Var.Node(s, g)
	var centred *graph.Node
	if s.IsTraining(g) {
		n := x.Shape().Size() / l.Features
		if n < 2 {
			panic(errorf("BatchNorm%dd %q needs more than one value a feature to train on, was given %s", l.Axes, l.Weight.path, x.Shape()))
		}
		batchMean := graph.ReduceMean(x, upTo(x.Rank()-1)...)
		centred = graph.Sub(x, graph.ExpandLeftToRank(batchMean, x.Rank()))
		batchVar := graph.ReduceMean(graph.Square(centred), upTo(x.Rank()-1)...)
		l.Mean.Set(s, l.moved(mean, batchMean))
		l.Var.Set(s, l.moved(variance, graph.MulScalar(batchVar, float64(n)/float64(n-1))))
		l.Batches.Set(s, graph.OnePlus(l.Batches.Node(s, g)))
		variance = batchVar
	} else {
		centred = graph.Sub(x, graph.ExpandLeftToRank(mean, x.Rank()))
	}
	scale := graph.Mul(l.Weight.Node(s, g), rsqrt(graph.AddScalar(variance, l.Eps)))
	return Seen(s, l, graph.Add(graph.Mul(centred, graph.ExpandLeftToRank(scale, x.Rank())), graph.ExpandLeftToRank(l.Bias.Node(s, g), x.Rank())))
}

func (l *BatchNorm) moved(running, batch *graph.Node) *graph.Node {
	return graph.Add(graph.MulScalar(running, 1-l.Momentum), graph.MulScalar(graph.StopGradient(batch), l.Momentum))
}

// String is the line that PyTorch prints.
func (l *BatchNorm) String() string {
	return fmt.Sprintf("BatchNorm%dd(%d, eps=%s, momentum=%s, affine=True, bias=True, track_running_stats=True)", l.Axes, l.Features, pyFloat(l.Eps), pyFloat(l.Momentum))
}

// GroupNorm is PyTorch's nn.GroupNorm (Wu & He, "Group normalization", 2018).
type GroupNorm struct {
	Groups, Channels int
	Eps              float64

	Weight *Param `nn:"weight"` // [channels]
	Bias   *Param `nn:"bias"`   // [channels]
}

// NewGroupNorm has PyTorch's eps of 1e-5, weights of one and biases of zero.
func NewGroupNorm(groups, channels int) *GroupNorm {
	if groups < 1 || channels%groups != 0 {
		panic(errorf("group norm: %d channels don't fall into %d groups", channels, groups))
	}
	each := []int{channels}
	return &GroupNorm{Groups: groups, Channels: channels, Eps: 1e-5, Weight: &Param{Shape: each, Init: ConstInit(1)}, Bias: &Param{Shape: each}}
}

// Forward maps x: [batch, ..., channels] to a like-shaped tensor.
func (l *GroupNorm) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() < 2 || x.Shape().Dim(-1) != l.Channels {
		panic(errorf("group norm %q takes [batch, ..., %d], was given %s", l.Weight.path, l.Channels, x.Shape()))
	}
	y := normGroups(x, l.Groups, l.Eps)
	y = graph.Mul(y, graph.ExpandLeftToRank(l.Weight.Node(s, x.Graph()), x.Rank()))
	return Seen(s, l, graph.Add(y, graph.ExpandLeftToRank(l.Bias.Node(s, x.Graph()), x.Rank())))
}

// String is the line that PyTorch prints.
func (l *GroupNorm) String() string {
	return fmt.Sprintf("GroupNorm(%d, %d, eps=%s, affine=True, bias=True)", l.Groups, l.Channels, pyFloat(l.Eps))
}

// InstanceNorm is PyTorch's nn.InstanceNorm1d or nn.InstanceNorm2d with its defaults: no parameters, no running statistics
// (Ulyanov, Vedaldi & Lempitsky, "Instance normalization", 2016).
type InstanceNorm struct {
	Axes     int // 1 or 2
	Features int
	Eps      float64
}

// NewInstanceNorm1d makes a layer for x: [batch, length, features], with PyTorch's eps.
func NewInstanceNorm1d(features int) *InstanceNorm {
	return &InstanceNorm{Axes: 1, Features: features, Eps: 1e-5}
}

// NewInstanceNorm2d makes a layer for x: [batch, height, width, features], with PyTorch's eps.
func NewInstanceNorm2d(features int) *InstanceNorm {
	return &InstanceNorm{Axes: 2, Features: features, Eps: 1e-5}
}

// Forward maps x: [batch, spatial..., features] to a like-shaped tensor.
func (l *InstanceNorm) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() != l.Axes+2 || x.Shape().Dim(-1) != l.Features {
		panic(errorf("InstanceNorm%dd takes [batch, %d spatial axes, %d], was given %s", l.Axes, l.Axes, l.Features, x.Shape()))
	}
	return Seen(s, l, normGroups(x, l.Features, l.Eps))
}

// String is the line that PyTorch prints.
func (l *InstanceNorm) String() string {
	return fmt.Sprintf("InstanceNorm%dd(%d, eps=%s, momentum=0.1, affine=False, bias=False, track_running_stats=False)", l.Axes, l.Features, pyFloat(l.Eps))
}

// normGroups gives each sample's groups of channels mean 0 and variance 1. x: [batch, ..., channels].
func normGroups(x *graph.Node, groups int, eps float64) *graph.Node {
	d := x.Shape().Dimensions
	channels := d[len(d)-1]
	y := graph.Reshape(x, d[0], -1, groups, channels/groups)
	y = graph.Sub(y, graph.ReduceAndKeep(y, graph.ReduceMean, 1, 3))
	variance := graph.ReduceAndKeep(graph.Square(y), graph.ReduceMean, 1, 3)
	return graph.Reshape(graph.Mul(y, rsqrt(graph.AddScalar(variance, eps))), d...)
}

// rsqrt is 1/√x. GoMLX's has no gradient.
func rsqrt(x *graph.Node) *graph.Node {
	return withGradient(graph.Rsqrt(x), []*graph.Node{x}, func(_ int, v *graph.Node) *graph.Node {
		y := rsqrt(x)
		return graph.Mul(v, graph.MulScalar(graph.Mul(y, graph.Square(y)), -0.5))
	})
}
