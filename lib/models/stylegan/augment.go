package stylegan

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Augment names what D's pictures, real and made, go through, so that few real ones last longer (Karras et al., "Training generative
// adversarial networks with limited data", 2020, section 2 and appendix B): each operation with a probability p, which steers itself by
// how sure D is of the real ones.
type Augment string

// The sets of operations; the paper's best is Whole.
const (
	NoAugment Augment = ""
	Geometric Augment = "bg"  // flips, quarter turns, shifts; scales and turns of any kind
	Whole     Augment = "bgc" // colours too
)

func (a Augment) validate() error {
	if a != NoAugment && a != Geometric && a != Whole {
		return fmt.Errorf("stylegan: augment is %q: it must be %q, %q or %q", string(a), string(NoAugment), string(Geometric), string(Whole))
	}
	return nil
}

// The numbers of one picture's augmentation: uniform and normal ones.
const (
	uniforms = 21
	normals  = 7
)

// Apply sends pictures through the operations, each with probability p, a scalar. x: [batch, size, size, 1 or 3] in [-1, 1], u: [batch, 21]
// in [0, 1), n: [batch, 7] of N(0, 1): the numbers that decide.
//
// It brings a picture to twice its rate before it is bent, and back after. What lies outside is the picture mirrored once, then zeros.
func (a Augment) Apply(x, p, u, n *graph.Node) *graph.Node {
	if d := x.Shape().Dimensions; x.Rank() != 4 || d[1] != d[2] || d[1] < 8 || d[3] != 1 && d[3] != 3 {
		panic(fmt.Errorf("stylegan: augmentation takes pictures [batch, size, size, 1 or 3], size at least 8, was given %s", x.Shape()))
	}
	if a == NoAugment {
		return x
	}
	r := chances{p: graph.StopGradient(p), u: graph.StopGradient(u), n: graph.StopGradient(n)}
	x = bent(x, r.geometry(x.Shape().Dim(1)))
	if a == Whole {
		x = coloured(x, r.colours(x.Shape().Dim(3) == 3))
	}
	return x
}

// chances hands out the numbers that decide, in order. All are [batch].
type chances struct {
	p, u, n  *graph.Node
	atU, atN int
}

func (r *chances) uniform() *graph.Node {
	r.atU++
	return graph.Squeeze(graph.SliceAxis(r.u, 1, graph.AxisElem(r.atU-1)), 1)
}

func (r *chances) normal() *graph.Node {
	r.atN++
	return graph.Squeeze(graph.SliceAxis(r.n, 1, graph.AxisElem(r.atN-1)), 1)
}

// orElse is value with probability p, else the number that changes nothing.
func (r *chances) orElse(p, value *graph.Node, nothing float64) *graph.Node {
	return graph.Where(graph.LessThan(r.uniform(), graph.BroadcastToDims(p, value.Shape().Dimensions...)), value, graph.AddScalar(graph.ZerosLike(value), nothing))
}

// geometry is where each place of the outcome comes from, in values from the middle: [batch, 3, 3].
func (r *chances) geometry(size int) *graph.Node {
	pi := func(x *graph.Node) *graph.Node {
		return graph.MulScalar(graph.AddScalar(graph.MulScalar(x, 2), -1), math.Pi)
	}
	back := func(log *graph.Node) *graph.Node { return exp2(graph.Neg(log)) }

	flip := r.orElse(r.p, graph.Floor(graph.MulScalar(r.uniform(), 2)), 0)
	m := scaled(graph.AddScalar(graph.MulScalar(flip, -2), 1), graph.OnesLike(flip))
	quarter := r.orElse(r.p, graph.Floor(graph.MulScalar(r.uniform(), 4)), 0)
	m = times(m, turned(graph.MulScalar(quarter, math.Pi/2)))
	whole := func() *graph.Node {
		return graph.Round(graph.MulScalar(graph.AddScalar(graph.MulScalar(r.uniform(), 2), -1), 0.125*float64(size)))
	}
	x, y := whole(), whole()
	gate := r.orElse(r.p, graph.OnesLike(x), 0)
	m = times(m, moved(graph.Neg(graph.Mul(x, gate)), graph.Neg(graph.Mul(y, gate))))

	scale := r.orElse(r.p, back(graph.MulScalar(r.normal(), 0.2)), 1)
	m = times(m, scaled(scale, scale))
	once := graph.OneMinus(graph.Sqrt(graph.OneMinus(graph.MinScalar(r.p, 1)))) // before or after: p in all
	m = times(m, turned(r.orElse(once, pi(r.uniform()), 0)))
	stretch := r.orElse(r.p, back(graph.MulScalar(r.normal(), 0.2)), 1)
	m = times(m, scaled(stretch, graph.Reciprocal(stretch)))
	m = times(m, turned(r.orElse(once, pi(r.uniform()), 0)))
	x, y = graph.MulScalar(r.normal(), 0.125*float64(size)), graph.MulScalar(r.normal(), 0.125*float64(size))
	gate = r.orElse(r.p, graph.OnesLike(x), 0)
	return times(m, moved(graph.Neg(graph.Mul(x, gate)), graph.Neg(graph.Mul(y, gate))))
}

// colours is what becomes of a colour: [batch, 4, 4].
func (r *chances) colours(rgb bool) *graph.Node {
	brightness := r.orElse(r.p, graph.MulScalar(r.normal(), 0.2), 0)
	contrast := r.orElse(r.p, exp2(graph.MulScalar(r.normal(), 0.5)), 1)
	zero, one := graph.ZerosLike(brightness), graph.OnesLike(brightness)
	diagonal := func(v, last *graph.Node) *graph.Node {
		return matrix(4, v, zero, zero, last, zero, v, zero, last, zero, zero, v, last, zero, zero, zero, one)
	}
	m := times(diagonal(contrast, zero), diagonal(one, brightness))

	grey := make([]*graph.Node, 16) // the projection on the axis of greys
	for i := range grey {
		if grey[i] = zero; i%4 < 3 && i < 12 {
			grey[i] = graph.MulScalar(one, 1./3)
		}
	}
	luma, unit := matrix(4, grey...), diagonal(one, zero)
	by := func(v *graph.Node, m *graph.Node) *graph.Node { return graph.Mul(graph.InsertAxes(v, -1, -1), m) }

	flip := r.orElse(r.p, graph.Floor(graph.MulScalar(r.uniform(), 2)), 0)
	m = times(graph.Sub(unit, by(graph.MulScalar(flip, 2), luma)), m)
	if !rgb {
		return m
	}
	hue := r.orElse(r.p, graph.MulScalar(graph.AddScalar(graph.MulScalar(r.uniform(), 2), -1), math.Pi), 0)
	sin, cos := graph.MulScalar(graph.Sin(hue), 1/math.Sqrt(3)), graph.Cos(hue)
	minus := graph.Neg(sin)
	across := matrix(4, zero, minus, sin, zero, sin, zero, minus, zero, minus, sin, zero, zero, zero, zero, zero, zero)
	last := matrix(4, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, one)
	turn := graph.Add(graph.Add(by(graph.OneMinus(cos), luma), by(cos, graph.Sub(unit, last))), graph.Add(across, last)) // Rodrigues' formula
	m = times(turn, m)
	saturation := r.orElse(r.p, exp2(r.normal()), 1)
	// The row and the column of what is added scale too, as in NVIDIA's program; it is left out of the outcome.
	return times(graph.Add(luma, by(saturation, graph.Sub(unit, luma))), m)
}

// coloured applies colours to pictures; to grey ones the mean of what becomes of the three.
func coloured(x, colours *graph.Node) *graph.Node {
	of := graph.Slice(colours, graph.AxisRange(), graph.AxisRange(0, 3), graph.AxisRange(0, 3))
	add := graph.Slice(colours, graph.AxisRange(), graph.AxisRange(0, 3), graph.AxisElem(3)) // [batch, 3, 1]
	if x.Shape().Dim(3) == 1 {
		of, add = graph.ReduceAndKeep(graph.ReduceAndKeep(of, graph.ReduceMean, 1), graph.ReduceSum, 2), graph.ReduceAndKeep(add, graph.ReduceMean, 1)
	}
	d := x.Shape().Dimensions
	flat := graph.Reshape(x, d[0], d[1]*d[2], d[3])
	y := graph.EinsumAxes(flat, of, [][2]int{{2, 2}}, [][2]int{{0, 0}}) // [batch, places, channels]
	return graph.Reshape(graph.Add(y, graph.TransposeAllAxes(add, 0, 2, 1)), d...)
}

// sym6 is the wavelet filter by which pictures are brought to twice their rate and back.
var sym6 = []float32{
	0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633, 0.4910559419267466, 0.787641141030194,
	0.3379294217276218, -0.07263752278646252, -0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148,
}

// bent takes each place of the outcome from where m says: [batch, 3, 3], in values from the middle.
func bent(x, m *graph.Node) *graph.Node {
	g, size := x.Graph(), x.Shape().Dim(1)
	const margin = 3 // values that the way back needs to either side
	sum := float32(0)
	for _, v := range sym6 {
		sum += v
	}
	taps := make([]float32, len(sym6))
	for i, v := range sym6 {
		taps[i] = v / sum
	}
	f := graph.Const(g, taps)

	x = nn.Pad(x, nn.PadReflect, []int{0, size - 1, size - 1, 0}, []int{0, size - 1, size - 1, 0})
	x = nn.UpFirDn2d(x, f, nn.UpFirDn{Up: []int{2}, Padding: [2][2]int{{6, 5}, {6, 5}}, Gain: 4})

	n := 2 * (size + 2*margin)
	at := graph.MulScalar(graph.AddScalar(graph.Iota(g, shapes.Make(dtypes.Float32, n), 0), 1-float64(n)/2), 0.5) // from the middle
	across := graph.BroadcastToDims(graph.InsertAxes(at, 0), n, n)
	down := graph.BroadcastToDims(graph.InsertAxes(at, 1), n, n)
	places := graph.Reshape(graph.Stack([]*graph.Node{across, down, graph.OnesLike(down)}, -1), n*n, 3)
	from := graph.EinsumAxes(graph.Slice(m, graph.AxisRange(), graph.AxisRange(0, 2)), places, [][2]int{{2, 1}}, nil) // [batch, 2, places]
	// Value i of the picture is value 2·(i+size-1) of the larger one, whose edges are -1 and 1.
	from = graph.MulScalar(graph.AddScalar(graph.MulScalar(graph.TransposeAllAxes(from, 0, 2, 1), 4), -1), 1/float64(6*size-4))
	grid := graph.Reshape(from, x.Shape().Dim(0), n, n, 2)
	x = nn.GridSample(x, grid, nn.SampleOptions{})
	return nn.UpFirDn2d(x, f, nn.UpFirDn{Down: []int{2}, Padding: [2][2]int{{-1, -1}, {-1, -1}}, Flip: true})
}

// matrix is [batch, n, n] of n² values [batch].
func matrix(n int, values ...*graph.Node) *graph.Node {
	return graph.Reshape(graph.Stack(values, -1), values[0].Shape().Dim(0), n, n)
}

// times is the matrix product, picture by picture.
func times(a, b *graph.Node) *graph.Node {
	return graph.EinsumAxes(a, b, [][2]int{{2, 1}}, [][2]int{{0, 0}})
}

func scaled(x, y *graph.Node) *graph.Node {
	zero := graph.ZerosLike(x)
	return matrix(3, x, zero, zero, zero, y, zero, zero, zero, graph.OnesLike(x))
}

func moved(x, y *graph.Node) *graph.Node {
	zero, one := graph.ZerosLike(x), graph.OnesLike(x)
	return matrix(3, one, zero, x, zero, one, y, zero, zero, one)
}

func turned(angle *graph.Node) *graph.Node {
	sin, cos, zero := graph.Sin(angle), graph.Cos(angle), graph.ZerosLike(angle)
	return matrix(3, cos, graph.Neg(sin), zero, sin, cos, zero, zero, zero, graph.OnesLike(sin))
}

func exp2(x *graph.Node) *graph.Node { return graph.Exp(graph.MulScalar(x, math.Ln2)) }

// augmenting is what a step's pictures go through: the operations, and how probable each is now.
type augmenting struct {
	kind Augment
	p    *model.Variable
}

// augment finds the probability of the scope.
func (a Augment) in(s *model.Scope) augmenting {
	return augmenting{a, s.VariableWithValue("p", float32(0)).SetTrainable(false)}
}

// Apply augments pictures by fresh numbers.
func (a augmenting) Apply(s *model.Scope, x *graph.Node) *graph.Node {
	if a.kind == NoAugment {
		return x
	}
	g, batch := x.Graph(), x.Shape().Dim(0)
	return a.kind.Apply(x, a.p.NodeValue(g), nn.Uniform(nn.NextKey(s, g), batch, uniforms), nn.Normal(nn.NextKey(s, g), batch, normals))
}

// steer makes p larger where the part of real pictures that D calls real, less that which it calls made, is above target, else smaller; by so
// much that it takes the given number of pictures from 0 to 1 (the paper's r_t, section 3). onReal: [batch].
func (a augmenting) steer(onReal *graph.Node, target, pictures float64) {
	sure := graph.ReduceAllMean(graph.Sign(onReal))
	step := graph.MulScalar(graph.Sign(graph.AddScalar(sure, -target)), float64(onReal.Shape().Dim(0))/pictures)
	p := graph.Add(a.p.NodeValue(onReal.Graph()), step)
	a.p.SetNodeValue(graph.StopGradient(graph.MinScalar(graph.MaxScalar(p, 0), 1)))
}
