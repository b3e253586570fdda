package stylegan

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// dense is a fully connected layer whose weights are drawn from N(0, 1) and scaled when they are used, so that Adam moves all layers alike
// (Karras et al., "Progressive growing of GANs", 2018, section 4.1). With multiplier m a layer learns m times as fast.
type dense struct {
	Weight *nn.Param `nn:"weight"` // [out, in]
	Bias   *nn.Param `nn:"bias"`   // [out]

	gain, multiplier float64
	activate         bool // by a leaky ReLU
}

// newDense has weights around 0 of the given spread, and the given biases, one for all or one each.
func newDense(in, out int, multiplier, spread float64, activate bool, bias ...float32) *dense {
	return &dense{
		Weight: &nn.Param{Shape: []int{out, in}, Init: nn.NormalInit(0, spread/multiplier)},
		Bias: &nn.Param{Shape: []int{out}, Init: func(_ *rand.Rand, values []float32) {
			for i := range values {
				if len(bias) > 0 {
					values[i] = bias[i%len(bias)] / float32(multiplier)
				}
			}
		}},
		gain: multiplier / math.Sqrt(float64(in)), multiplier: multiplier, activate: activate,
	}
}

// Forward maps x: [batch, in] to [batch, out].
func (l *dense) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	g := x.Graph()
	w := graph.MulScalar(l.Weight.Node(s, g), l.gain)
	y := graph.EinsumAxes(x, w, [][2]int{{1, 1}}, nil)
	y = graph.Add(y, graph.InsertAxes(graph.MulScalar(l.Bias.Node(s, g), l.multiplier), 0))
	if l.activate {
		y = activated(y, 1, 0)
	}
	return y
}

// activated is a leaky ReLU that keeps the magnitude, times gain, held within ±clamp; 0 is any magnitude.
func activated(x *graph.Node, gain, clamp float64) *graph.Node {
	x = graph.MulScalar(nn.LeakyReLU{Slope: slope}.Forward(nil, x), math.Sqrt2*gain)
	return clamped(x, clamp*gain)
}

func clamped(x *graph.Node, clamp float64) *graph.Node {
	if clamp == 0 {
		return x
	}
	return nn.Hardtanh{Min: -clamp, Max: clamp}.Forward(nil, x)
}

// slope is that of all leaky ReLUs.
const slope = 0.2

// normalized has a mean square of 1 over the last axis.
func normalized(x *graph.Node) *graph.Node {
	return graph.Mul(x, inverseRoot(graph.AddScalar(graph.ReduceAndKeep(graph.Square(x), graph.ReduceMean, -1), 1e-8)))
}

// inverseRoot is 1/√x; GoMLX's Rsqrt has no gradient.
func inverseRoot(x *graph.Node) *graph.Node { return graph.Reciprocal(graph.Sqrt(x)) }
