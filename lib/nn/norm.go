package nn

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// The lines printed are PyTorch 2.13's; up to 2.9 it left bias out.

// BatchNorm is PyTorch's nn.BatchNorm1d to nn.BatchNorm3d (Ioffe & Szegedy, "Batch normalization", 2015). Training, it normalises
// by the batch and moves the running statistics; otherwise it normalises by these.
type BatchNorm struct {
	Axes     int // 1 to 3, for its name
	Features int
	Eps      float64
	Momentum float64 // the batch's part in the running statistics
	// Cumulative gives each batch so far the same part, PyTorch's momentum=None.
	Cumulative bool

	Weight  *Param `nn:"weight"`              // [features]; nil without
	Bias    *Param `nn:"bias"`                // [features]; nil without
	Mean    *Param `nn:"running_mean"`        // [features]; nil without
	Var     *Param `nn:"running_var"`         // [features]; of the unbiased variance, though batches are divided by the biased one
	Batches *Param `nn:"num_batches_tracked"` // int64
}

// NewBatchNorm1d makes a layer for x: [batch, features] or [batch, length, features], with PyTorch's eps and momentum.
func NewBatchNorm1d(features int) *BatchNorm { return newBatchNorm(1, features) }

// NewBatchNorm2d makes a layer for x: [batch, height, width, features], with PyTorch's eps and momentum.
func NewBatchNorm2d(features int) *BatchNorm { return newBatchNorm(2, features) }

// NewBatchNorm3d makes a layer for x: [batch, depth, height, width, features], with PyTorch's eps and momentum.
func NewBatchNorm3d(features int) *BatchNorm { return newBatchNorm(3, features) }

func newBatchNorm(axes, features int) *BatchNorm {
	l := &BatchNorm{Axes: axes, Features: features, Eps: 1e-5, Momentum: 0.1}
	l.Weight, l.Bias = affine(features)
	l.Mean, l.Var, l.Batches = running(features)
	return l
}

// affine makes a norm's weight of ones and bias of zeros.
func affine(sizes ...int) (weight, bias *Param) {
	return &Param{Shape: sizes, Init: ConstInit(1)}, &Param{Shape: sizes}
}

// running makes a norm's statistics.
func running(features int) (mean, variance, batches *Param) {
	each := []int{features}
	return &Param{Shape: each, Buffer: true}, &Param{Shape: each, Buffer: true, Init: ConstInit(1)}, &Param{Buffer: true, DType: dtypes.Int64}
}

// WithoutAffine takes weight and bias away, PyTorch's affine=False.
func (l *BatchNorm) WithoutAffine() *BatchNorm {
	l.Weight, l.Bias = nil, nil
	return l
}

// WithoutStats takes the running statistics away, PyTorch's track_running_stats=False: it always normalises by the batch.
func (l *BatchNorm) WithoutStats() *BatchNorm {
	l.Mean, l.Var, l.Batches = nil, nil, nil
	return l
}

// Forward maps x: [batch, ..., features] to a like-shaped tensor.
func (l *BatchNorm) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	g := x.Graph()
	if r := x.Rank(); r < 2 || x.Shape().Dim(-1) != l.Features || r > l.Axes+2 || l.Axes > 1 && r != l.Axes+2 {
		panic(errorf("BatchNorm%dd %q takes [batch, ..., %d], was given %s", l.Axes, l.path(), l.Features, x.Shape()))
	}
	training := s.IsTraining(g)
	if isEmpty(x) && !training {
		return Observed(s, l, x)
	}
	var centred, variance *graph.Node
	if training || l.Mean == nil {
		n := x.Shape().Size() / l.Features
		if n < 2 && training {
			panic(errorf("BatchNorm%dd %q needs more than one value a feature to train on, was given %s", l.Axes, l.path(), x.Shape()))
		}
		batchMean := graph.ReduceMean(x, upTo(x.Rank()-1)...)
		centred = graph.Sub(x, graph.ExpandLeftToRank(batchMean, x.Rank()))
		variance = graph.ReduceMean(graph.Square(centred), upTo(x.Rank()-1)...)
		if l.Mean != nil {
			batches := graph.OnePlus(l.Batches.Node(s, g))
			l.Batches.Set(s, batches)
			part := scalar(x, l.Momentum)
			if l.Cumulative {
				part = graph.Reciprocal(graph.ConvertDType(batches, x.DType()))
			}
			move(s, l.Mean, batchMean, part)
			move(s, l.Var, graph.MulScalar(variance, float64(n)/float64(n-1)), part)
		}
	} else {
		centred, variance = graph.Sub(x, graph.ExpandLeftToRank(l.Mean.Node(s, g), x.Rank())), l.Var.Node(s, g)
	}
	// On one channel's weight, not on all its values.
	scale := rsqrt(graph.AddScalar(variance, l.Eps))
	if l.Weight != nil {
		scale = graph.Mul(l.Weight.Node(s, g), scale)
	}
	y := graph.Mul(centred, graph.ExpandLeftToRank(scale, x.Rank()))
	if l.Bias != nil {
		y = graph.Add(y, graph.ExpandLeftToRank(l.Bias.Node(s, g), x.Rank()))
	}
	return Observed(s, l, y)
}

// path names a layer in errors; one without parameters has no name.
func (l *BatchNorm) path() string {
	for _, p := range []*Param{l.Weight, l.Mean} {
		if p != nil {
			return p.path
		}
	}
	return ""
}

// move takes a running value towards a batch's, by a part.
func move(s *model.Scope, p *Param, batch, part *graph.Node) {
	running := p.Node(s, batch.Graph())
	p.Set(s, graph.Add(graph.Mul(running, graph.OneMinus(part)), graph.Mul(graph.StopGradient(batch), part)))
}

// String is the line that PyTorch prints.
func (l *BatchNorm) String() string {
	momentum := pyFloat(l.Momentum)
	if l.Cumulative {
		momentum = "None"
	}
	return fmt.Sprintf("BatchNorm%dd(%d, eps=%s, momentum=%s, affine=%s, bias=%s, track_running_stats=%s)", l.Axes, l.Features, pyFloat(l.Eps), momentum,
		pyBool(l.Weight != nil), pyBool(l.Bias != nil), pyBool(l.Mean != nil))
}

// GroupNorm is PyTorch's nn.GroupNorm (Wu & He, "Group normalization", 2018).
type GroupNorm struct {
	Groups, Channels int
	Eps              float64

	Weight *Param `nn:"weight"` // [channels]; nil without
	Bias   *Param `nn:"bias"`   // [channels]; nil without
}

// NewGroupNorm has PyTorch's eps of 1e-5, weights of one and biases of zero.
func NewGroupNorm(groups, channels int) *GroupNorm {
	if groups < 1 || channels%groups != 0 {
		panic(errorf("group norm: %d channels don't fall into %d groups", channels, groups))
	}
	l := &GroupNorm{Groups: groups, Channels: channels, Eps: 1e-5}
	l.Weight, l.Bias = affine(channels)
	return l
}

// WithoutAffine takes weight and bias away, PyTorch's affine=False.
func (l *GroupNorm) WithoutAffine() *GroupNorm {
	l.Weight, l.Bias = nil, nil
	return l
}

// Forward maps x: [batch, ..., channels] to a like-shaped tensor.
func (l *GroupNorm) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	if x.Rank() < 2 || x.Shape().Dim(-1) != l.Channels {
		panic(errorf("%s takes [batch, ..., %d], was given %s", l, l.Channels, x.Shape()))
	}
	return Observed(s, l, scaleAndShift(s, normGroups(x, l.Groups, l.Eps), l.Weight, l.Bias))
}

// scaleAndShift multiplies by a weight and adds a bias along x's last axes; either may be nil.
func scaleAndShift(s *model.Scope, x *graph.Node, weight, bias *Param) *graph.Node {
	if isEmpty(x) {
		return x
	}
	if weight != nil {
		x = graph.Mul(x, graph.ExpandLeftToRank(weight.Node(s, x.Graph()), x.Rank()))
	}
	if bias != nil {
		x = graph.Add(x, graph.ExpandLeftToRank(bias.Node(s, x.Graph()), x.Rank()))
	}
	return x
}

// String is the line that PyTorch prints.
func (l *GroupNorm) String() string {
	return fmt.Sprintf("GroupNorm(%d, %d, eps=%s, affine=%s, bias=%s)", l.Groups, l.Channels, pyFloat(l.Eps), pyBool(l.Weight != nil), pyBool(l.Bias != nil))
}

// normGroups gives each sample's groups of channels mean 0 and variance 1. x: [batch, ..., channels].
func normGroups(x *graph.Node, groups int, eps float64) *graph.Node {
	if isEmpty(x) {
		return x
	}
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
