package pixels

import (
	"cmp"
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"genlab/lib/nn"
)

// Likelihood says how the outputs of a network for a pixel are a distribution over the pixel's values: of each colour over its levels by
// a coin (2 levels) or a softmax; or of the whole pixel by a mixture of logistic distributions, cut into the 256 levels (Salimans et al.,
// "PixelCNN++: improving the PixelCNN with discretized logistic mixture likelihood and other modifications", 2017, sections 2.1 and 2.2).
type Likelihood struct {
	Channels, Levels int
	Mixtures         int // logistic distributions in a mixture; 0 is a softmax
}

// Colours is how many blocks of colours the masks of a network must keep in order: the mixture takes care of that by itself.
func (l Likelihood) Colours() int {
	if l.Mixtures > 0 {
		return 1
	}
	return l.Channels
}

// Outputs is the number of values that the network gives for a pixel.
func (l Likelihood) Outputs() int {
	switch {
	case l.Mixtures > 0: // weights; means and scales; how a colour's mean moves with the earlier ones
		return l.Mixtures * (1 + 2*l.Channels + l.Channels*(l.Channels-1)/2)
	case l.Levels == 2:
		return l.Channels
	}
	return l.Channels * l.Levels
}

// draws is how many random numbers a pixel takes.
func (l Likelihood) draws() int {
	if l.Mixtures > 0 {
		return 1 + l.Channels
	}
	return l.Channels
}

// Validate reports the first field that makes no likelihood, after a name to begin with.
func (l Likelihood) Validate(of string) error {
	if err := cmp.Or(
		nn.CheckSize(of, "channels", l.Channels, 1, nn.MaxKernel),
		nn.CheckSize(of, "levels", l.Levels, 2, 256),
		nn.CheckSize(of, "mixtures", l.Mixtures, 0, nn.MaxSize),
	); err != nil {
		return err
	}
	if l.Mixtures > 0 && l.Levels < 3 {
		return fmt.Errorf("%s: levels is %d: it must be at least 3 with mixtures, 256 as a rule", of, l.Levels)
	}
	return nil
}

// Quantize gives the level nearest to each value of x in [0, 1], as a value in [0, 1] again. Of two levels each is drawn, 1 with the
// probability x, where noise, U[0, 1) of x's shape, is given.
func (l Likelihood) Quantize(x, noise *graph.Node) *graph.Node {
	if l.Levels == 2 && noise != nil {
		return graph.ConvertDType(graph.LessThan(noise, x), x.DType())
	}
	top := float64(l.Levels - 1)
	return graph.DivScalar(graph.Floor(graph.AddScalar(graph.MulScalar(x, top), 0.5)), top)
}

// level is the number of a value's level, int32.
func (l Likelihood) level(x *graph.Node) *graph.Node {
	return graph.ConvertDType(graph.AddScalar(graph.MulScalar(x, float64(l.Levels-1)), 0.5), dtypes.Int32)
}

// NLL is what each pixel costs, in nats, its colours together. out: [..., outputs], x: levels as values in [0, 1], [..., channels]; result:
// [...].
func (l Likelihood) NLL(out, x *graph.Node) *graph.Node {
	switch {
	case l.Mixtures > 0:
		return l.mixtureNLL(out, x)
	case l.Levels == 2:
		return graph.ReduceSum(nn.BCEWithLogits(out, x), -1)
	}
	return graph.ReduceSum(nn.CrossEntropy(l.split(out), l.level(x)), -1)
}

// split gives each colour its logits: [..., channels, levels].
func (l Likelihood) split(out *graph.Node) *graph.Node {
	dims := out.Shape().Clone().Dimensions
	return graph.Reshape(out, append(dims[:len(dims)-1], l.Channels, l.Levels)...)
}

// Logits are those of the outputs [batch, height, width, outputs] as PyTorch's files have them: [batch, channels, height, width] of two
// levels, else [batch, channels, levels, height, width].
func (l Likelihood) Logits(out *graph.Node) *graph.Node {
	if l.Mixtures > 0 || l.Levels == 2 {
		return graph.TransposeAllAxes(out, 0, 3, 1, 2)
	}
	return graph.TransposeAllAxes(l.split(out), 0, 3, 4, 1, 2)
}

// passes is how many times a network is asked for a pixel when one is drawn: for each colour, or once.
func (l Likelihood) passes() int { return l.Colours() }

// draw gives x, [n, channels], with the colour of the given pass drawn, or all. out: [n, outputs], u: U[0, 1) [n, draws], temperature: scalar.
func (l Likelihood) draw(out, u, x, temperature *graph.Node, pass int) *graph.Node {
	if l.Mixtures > 0 {
		return l.mixtureDraw(out, u, temperature)
	}
	at := graph.SliceAxis(u, -1, graph.AxisRange(pass, pass+1)) // [n, 1]
	var value *graph.Node
	if l.Levels == 2 {
		p := graph.Sigmoid(graph.Div(graph.SliceAxis(out, -1, graph.AxisRange(pass, pass+1)), temperature))
		value = graph.ConvertDType(graph.LessThan(at, p), x.DType())
	} else {
		logits := graph.SliceAxis(out, -1, graph.AxisRange(pass*l.Levels, (pass+1)*l.Levels))
		below := graph.LessOrEqual(cumulative(graph.Softmax(graph.Div(logits, temperature))), at) // false for NaN
		value = graph.DivScalar(graph.ReduceAndKeep(graph.ConvertDType(below, x.DType()), graph.ReduceSum, -1), float64(l.Levels-1))
		value = graph.MinScalar(value, 1) // the sum of all may be a little less than 1
	}
	parts := graph.Split(x, -1, l.Channels)
	parts[pass] = value
	return graph.Concatenate(parts, -1)
}

// cumulative is the running sum along the last axis of p, [n, size].
func cumulative(p *graph.Node) *graph.Node {
	size := p.Shape().Dim(-1)
	square := shapes.Make(dtypes.Int32, size, size)
	upper := graph.LessOrEqual(graph.Iota(p.Graph(), square, 0), graph.Iota(p.Graph(), square, 1))
	return graph.Dot(p, graph.ConvertDType(upper, p.DType())).Product()
}

// mixture is what outputs say of a mixture's components, each [..., mixtures, channels] but the weights' logits, [..., mixtures].
type mixture struct {
	weights, means, logScales *graph.Node
	moves                     *graph.Node // [..., mixtures, channels·(channels-1)/2]; nil for one colour
}

// leastLogScale keeps the logistic distributions wide enough for float32, as the paper's program does.
const leastLogScale = -7

// mixtureOf reads outputs in the order of the paper's program: logits, then of each colour the means, then the scales, then the moves. Means
// and scales count in values from -1 to 1.
func (l Likelihood) mixtureOf(out *graph.Node) mixture {
	k, c := l.Mixtures, l.Channels
	dims := out.Shape().Clone().Dimensions
	lead := dims[:len(dims)-1]
	take := func(from, each int) *graph.Node {
		part := graph.SliceAxis(out, -1, graph.AxisRange(from, from+k*each))
		return graph.Reshape(part, append(append([]int{}, lead...), k, each)...)
	}
	m := mixture{weights: graph.Squeeze(take(0, 1), -1), means: take(k, c)}
	m.logScales = graph.MaxScalar(take(k*(1+c), c), leastLogScale)
	if c > 1 {
		m.moves = graph.Tanh(take(k*(1+2*c), c*(c-1)/2))
	}
	return m
}

// mean is that of a colour in each component where the earlier colours are x, from -1 to 1, each [..., mixtures] or [..., 1].
func (m mixture) mean(colour int, x []*graph.Node) *graph.Node {
	mean := last(m.means, colour)
	for earlier := range colour {
		mean = graph.Add(mean, graph.Mul(last(m.moves, colour*(colour-1)/2+earlier), x[earlier]))
	}
	return mean
}

// last is element i of the last axis.
func last(x *graph.Node, i int) *graph.Node {
	return graph.Squeeze(graph.SliceAxis(x, -1, graph.AxisElem(i)), -1)
}

// mixtureNLL is equation 2 of the paper: each level has the distribution's mass half a level around it, the first and the last all beyond.
func (l Likelihood) mixtureNLL(out, x *graph.Node) *graph.Node {
	m := l.mixtureOf(out)
	half := 1 / float64(l.Levels-1)
	var colours []*graph.Node // from -1 to 1, [..., 1]
	for c := range l.Channels {
		colours = append(colours, graph.MinusOne(graph.MulScalar(graph.SliceAxis(x, -1, graph.AxisRange(c, c+1)), 2)))
	}
	logp := graph.LogSoftmax(m.weights)
	for c, v := range colours {
		logScale := last(m.logScales, c)
		precision := graph.Exp(graph.Neg(logScale))
		centred := graph.Sub(v, m.mean(c, colours))
		above, below := graph.Mul(precision, graph.AddScalar(centred, half)), graph.Mul(precision, graph.AddScalar(centred, -half))
		// σ(a)-σ(b) = σ(a)·σ(-b)·(1-exp(b-a)), which never cancels: b-a is -2·half·precision.
		width := graph.MulScalar(precision, 2*half)
		middle := graph.Sub(log1mExp(width), graph.Add(nn.Softplus(graph.Neg(above)), nn.Softplus(below)))
		at := graph.BroadcastToShape(v, middle.Shape())
		first := graph.LessThan(at, graph.Scalar(x.Graph(), x.DType(), half-1))
		end := graph.GreaterThan(at, graph.Scalar(x.Graph(), x.DType(), 1-half))
		mass := graph.Where(first, graph.Neg(nn.Softplus(graph.Neg(above))), graph.Where(end, graph.Neg(nn.Softplus(below)), middle))
		logp = graph.Add(logp, mass)
	}
	top := graph.StopGradient(graph.ReduceAndKeep(logp, graph.ReduceMax, -1))
	return graph.Neg(graph.Add(graph.Log(graph.ReduceSum(graph.Exp(graph.Sub(logp, top)), -1)), graph.Squeeze(top, -1)))
}

// log1mExp is log(1-exp(-x)) for positive x, without the cancelling near 0. GoMLX's Expm1 has no gradient, so its own is put beside it.
func log1mExp(x *graph.Node) *graph.Node {
	slope := graph.Reciprocal(graph.Expm1(x))
	return graph.Add(graph.StopGradient(graph.Log(graph.Neg(graph.Expm1(graph.Neg(x))))),
		graph.Mul(graph.StopGradient(slope), graph.Sub(x, graph.StopGradient(x))))
}

// mixtureDraw draws a component, then colour after colour by the logistic distribution's quantile.
func (l Likelihood) mixtureDraw(out, u, temperature *graph.Node) *graph.Node {
	m := l.mixtureOf(out)
	passed := graph.ConvertDType(graph.LessOrEqual(cumulative(graph.Softmax(graph.Div(m.weights, temperature))), graph.SliceAxis(u, -1, graph.AxisRange(0, 1))), out.DType())
	index := graph.MinScalar(graph.ReduceAndKeep(passed, graph.ReduceSum, -1), float64(l.Mixtures-1)) // [n, 1]
	places := graph.ConvertDType(graph.Iota(out.Graph(), m.weights.Shape(), -1), out.DType())
	chosen := graph.ConvertDType(graph.Equal(places, graph.BroadcastToShape(index, places.Shape())), out.DType())
	of := func(x *graph.Node) *graph.Node {
		return graph.ReduceAndKeep(graph.Mul(chosen, x), graph.ReduceSum, -1)
	}
	var colours, values []*graph.Node
	for c := range l.Channels {
		p := graph.ClipScalar(graph.SliceAxis(u, -1, graph.AxisRange(1+c, 2+c)), 1e-5, 1-1e-5)
		scale := graph.Mul(graph.Exp(of(last(m.logScales, c))), temperature)
		v := graph.Add(of(m.mean(c, colours)), graph.Mul(scale, graph.Sub(graph.Log(p), graph.Log1p(graph.Neg(p)))))
		value := l.Quantize(graph.ClipScalar(graph.MulScalar(graph.OnePlus(v), 0.5), 0, 1), nil)
		values = append(values, value)
		colours = append(colours, graph.MinusOne(graph.MulScalar(value, 2)))
	}
	return graph.Concatenate(values, -1)
}

// Loss is the mean of nats a value.
func (l Likelihood) Loss(out, x *graph.Node) *graph.Node {
	return graph.DivScalar(graph.ReduceAllMean(l.NLL(out, x)), float64(l.Channels))
}

// Metrics are a loss of pictures x in nats a picture, and in bits a value.
func (l Likelihood) Metrics(loss, x *graph.Node) []*graph.Node {
	values := x.Shape().Size() / x.Shape().Dim(0)
	return []*graph.Node{graph.MulScalar(loss, float64(values)), graph.DivScalar(loss, math.Ln2)}
}
