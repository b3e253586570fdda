package stylegan

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// layerConfig is a synthesis layer's, under NVIDIA's names. Rates, cutoffs and half widths are in cycles a picture.
type layerConfig struct {
	W            int     `json:"w_dim"`
	ToRGB        bool    `json:"is_torgb"`
	Critical     bool    `json:"is_critically_sampled"`
	In           int     `json:"in_channels"`
	Out          int     `json:"out_channels"`
	InSize       pair    `json:"in_size"` // width, height
	OutSize      pair    `json:"out_size"`
	InRate       int     `json:"in_sampling_rate"`
	OutRate      int     `json:"out_sampling_rate"`
	InCutoff     float64 `json:"in_cutoff"`
	OutCutoff    float64 `json:"out_cutoff"`
	InHalfWidth  float64 `json:"in_half_width"`
	OutHalfWidth float64 `json:"out_half_width"`
	layerOptions
}

// layerOptions are what a generator gives all its layers alike.
type layerOptions struct {
	Kernel        int     `json:"conv_kernel"`
	FilterSize    int     `json:"filter_size"`
	Upsampling    int     `json:"lrelu_upsampling"` // the leaky ReLU's rate, to the larger of the two
	Radial        bool    `json:"use_radial_filters"`
	Clamp         limit   `json:"conv_clamp"`
	MagnitudeBeta float64 `json:"magnitude_ema_beta"`
}

func (o layerOptions) validate() error {
	switch {
	case o.Kernel < 1 || o.Kernel > 15 || o.Kernel%2 == 0:
		return fmt.Errorf("stylegan: conv_kernel is %d: it must be odd and at most 15", o.Kernel)
	case o.FilterSize < 2 || o.FilterSize > 32 || o.FilterSize%2 == 1:
		return fmt.Errorf("stylegan: filter_size is %d: it must be even and 2 to 32", o.FilterSize)
	case o.Upsampling < 1 || o.Upsampling > 8:
		return fmt.Errorf("stylegan: lrelu_upsampling is %d: it must be 1 to 8", o.Upsampling)
	case !(o.Clamp >= 0):
		return fmt.Errorf("stylegan: conv_clamp is %g: it must be positive, or null for none", float64(o.Clamp))
	case !(o.MagnitudeBeta >= 0 && o.MagnitudeBeta <= 1):
		return fmt.Errorf("stylegan: magnitude_ema_beta is %g: it must be 0 to 1", o.MagnitudeBeta)
	}
	return nil
}

func (c layerConfig) validate() error {
	for _, f := range []struct {
		name  string
		value int
	}{
		{"w_dim", c.W}, {"in_channels", c.In}, {"out_channels", c.Out}, {"in_size", c.InSize[0]}, {"in_size", c.InSize[1]},
		{"out_size", c.OutSize[0]}, {"out_size", c.OutSize[1]}, {"in_sampling_rate", c.InRate}, {"out_sampling_rate", c.OutRate},
	} {
		if err := nn.CheckSize("stylegan", f.name, f.value, 1, nn.MaxSize); err != nil {
			return err
		}
	}
	for _, f := range []struct {
		name  string
		value float64
		rate  int
	}{{"in_cutoff", c.InCutoff, c.InRate}, {"out_cutoff", c.OutCutoff, c.OutRate}} {
		if !(f.value > 0 && f.value <= float64(f.rate)/2) {
			return fmt.Errorf("stylegan: %s is %g: it must be positive and at most half of its sampling rate, %d", f.name, f.value, f.rate)
		}
	}
	if !(c.InHalfWidth > 0) || !(c.OutHalfWidth > 0) {
		return fmt.Errorf("stylegan: in_half_width, out_half_width are %g, %g: they must be positive", c.InHalfWidth, c.OutHalfWidth)
	}
	if most, least := max(c.InRate, c.OutRate), min(c.InRate, c.OutRate); most%least != 0 {
		return fmt.Errorf("stylegan: in_sampling_rate, out_sampling_rate are %d, %d: one must be a multiple of the other", c.InRate, c.OutRate)
	}
	return c.layerOptions.validate()
}

// layer is a synthesis layer (Karras et al. 2021, figure 4b): a convolution styled by w, and a nonlinearity between a change to a higher
// rate and one to the rate of the layer after it.
type layer struct {
	Weight    *nn.Param `nn:"weight"` // [kernel, kernel, in, out]
	Bias      *nn.Param `nn:"bias"`   // [out]
	Magnitude *nn.Param `nn:"magnitude_ema"`
	Up        *nn.Param `nn:"up_filter"`   // [taps]; nil for one
	Down      *nn.Param `nn:"down_filter"` // [taps], or [taps, taps] where radial; nil for one
	Affine    *dense    `nn:"affine"`

	layerConfig
	kernel int
	relu   nn.FilteredLReLU
}

func newLayer(c layerConfig) *layer {
	l := &layer{
		layerConfig: c, kernel: c.Kernel,
		Bias:      &nn.Param{Shape: []int{c.Out}},
		Magnitude: &nn.Param{Shape: []int{}, Buffer: true, Init: nn.ConstInit(1)},
		Affine:    newDense(c.W, c.In, 1, 1, false, 1),
	}
	rate := max(c.InRate, c.OutRate)
	if c.ToRGB {
		l.kernel = 1
	} else {
		rate *= c.Upsampling
	}
	l.Weight = newKernel(l.kernel, c.In, c.Out)
	up, down := rate/c.InRate, rate/c.OutRate
	taps := func(change int) int {
		if change == 1 || c.ToRGB {
			return 1
		}
		return c.FilterSize * change
	}
	upTaps, downTaps := taps(up), taps(down)
	l.Up = filter(upTaps, c.InCutoff, 2*c.InHalfWidth, float64(rate), false)
	l.Down = filter(downTaps, c.OutCutoff, 2*c.OutHalfWidth, float64(rate), c.Radial && !c.Critical)

	l.relu = nn.FilteredLReLU{Up: up, Down: down, Slope: slope, Gain: math.Sqrt2, Clamp: float64(c.Clamp)}
	if c.ToRGB {
		l.relu.Slope, l.relu.Gain = 1, 1
	}
	for axis := range 2 { // a pair has the width first, a padding the height
		in, out := c.InSize[1-axis], c.OutSize[1-axis]
		total := (out-1)*down + 1 - (in+l.kernel-1)*up + upTaps + downTaps - 2
		before := floorHalf(total + up) // between samples, so that what is the middle stays it (appendix C.3)
		l.relu.Padding[axis] = [2]int{before, total - before}
	}
	return l
}

func floorHalf(n int) int { return n >> 1 }

// newKernel is a convolution's, whose scale is that of what multiplies it.
func newKernel(size, in, out int) *nn.Param {
	return &nn.Param{Shape: []int{size, size, in, out}, Perm: []int{3, 2, 0, 1}, Init: nn.NormalInit(0, 1)}
}

func filter(taps int, cutoff, width, rate float64, radial bool) *nn.Param {
	f := Lowpass(taps, cutoff, width, rate, radial)
	if f == nil {
		return nil
	}
	shape := []int{taps}
	if radial {
		shape = []int{taps, taps}
	}
	return constant(shape, f)
}

// constant is a buffer that begins as values.
func constant(shape []int, values []float32) *nn.Param {
	return &nn.Param{Shape: shape, Buffer: true, Init: func(_ *rand.Rand, into []float32) { copy(into, values) }}
}

// Forward maps x: [batch, height, width, in] and w: [batch, w] to [batch, height', width', out]. With renew it moves the running mean of
// x's magnitude, by which it divides.
func (l *layer) Forward(s *model.Scope, x, w *graph.Node, renew bool) *graph.Node {
	g := x.Graph()
	magnitude := l.Magnitude.Node(s, g)
	if renew {
		magnitude = running(s, l.Magnitude, graph.ReduceAllMean(graph.Square(x)), l.MagnitudeBeta)
	}
	style, weight := l.Affine.Forward(s, w), l.Weight.Node(s, g)
	if l.ToRGB {
		style = graph.MulScalar(style, 1/math.Sqrt(float64(l.In*l.kernel*l.kernel)))
	} else { // both to a mean square of 1: the style over the batch, the weight for each output
		style = graph.Mul(style, inverseRoot(graph.ReduceAllMean(graph.Square(style))))
		weight = graph.Mul(weight, inverseRoot(graph.ReduceAndKeep(graph.Square(weight), graph.ReduceMean, 0, 1, 2)))
	}
	y := modulated(graph.Mul(x, inverseRoot(magnitude)), weight, style, !l.ToRGB, func(x *graph.Node) *graph.Node {
		return nn.Convolve(x, weight, nn.ConvOptions{Padding: []int{l.kernel - 1}})
	})
	node := func(p *nn.Param) *graph.Node {
		if p == nil {
			return nil
		}
		return p.Node(s, g)
	}
	return nn.Observed(s, l, l.relu.Forward(y, l.Bias.Node(s, g), node(l.Up), node(l.Down)))
}

// modulated is a convolution whose kernel is multiplied by a style for each picture and input channel and, demodulated, divided by its own
// magnitude for each output (Karras et al., "Analyzing and improving the image quality of StyleGAN", 2020, section 2.2). The convolution
// being linear, it is x and the outcome that are multiplied: one kernel serves the batch. x: [batch, height, width, in], weight:
// [kernel, kernel, in, out], style: [batch, in].
func modulated(x, weight, style *graph.Node, demodulate bool, convolve func(x *graph.Node) *graph.Node) *graph.Node {
	y := convolve(graph.Mul(x, graph.InsertAxes(style, 1, 1)))
	if !demodulate {
		return y
	}
	return graph.Mul(y, graph.InsertAxes(demodulation(weight, style), 1, 1))
}

// demodulation is one over the kernel's magnitude: [batch, out].
func demodulation(weight, style *graph.Node) *graph.Node {
	square := graph.ReduceSum(graph.Square(weight), 0, 1) // [in, out]
	sum := graph.EinsumAxes(graph.Square(style), square, [][2]int{{1, 0}}, nil)
	return inverseRoot(graph.AddScalar(sum, 1e-8))
}
