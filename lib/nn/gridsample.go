package nn

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// AffineGrid is PyTorch's F.affine_grid: for each place of an output of the given spatial sizes, where theta takes it, in coordinates from
// -1 to 1, the last axis' first. theta: [batch, axes, axes+1], result: [batch, size..., axes], for [GridSample].
func AffineGrid(theta *graph.Node, size []int, alignCorners bool) *graph.Node {
	axes := len(size)
	if theta.Rank() != 3 || theta.Shape().Dim(1) != axes || theta.Shape().Dim(2) != axes+1 {
		panic(errorf("an affine grid of size %v takes theta [batch, %d, %d], was given %s", size, axes, axes+1, theta.Shape()))
	}
	g, places := theta.Graph(), 1
	for _, n := range size {
		places *= n
	}
	base := make([][]float32, places)
	for p := range base {
		row, rest := make([]float32, axes+1), p
		for i := axes - 1; i >= 0; i-- {
			n := size[i]
			at, steps := float64(2*(rest%n)-(n-1)), float64(n)
			if alignCorners {
				steps = float64(max(n-1, 1))
			}
			row[axes-1-i] = float32(at / steps)
			rest /= n
		}
		row[axes] = 1
		base[p] = row
	}
	all := graph.EinsumAxes(theta, graph.ConvertDType(graph.Const(g, base), theta.DType()), [][2]int{{2, 1}}, nil) // [batch, axes, places]
	return graph.Reshape(transposed(all), slices.Concat([]int{theta.Shape().Dim(0)}, size, []int{axes})...)
}

// SampleOptions are those of PyTorch's F.grid_sample.
type SampleOptions struct {
	Mode         string // "bilinear" ("" too), "nearest" or "bicubic"
	Padding      string // what lies outside: "zeros" ("" too), "border" (the edge repeated) or "reflection"
	AlignCorners bool   // -1 and 1 are the centres of the outermost values, not their outer edges
}

// GridSample takes from x the values at the places of a grid (Jaderberg et al., "Spatial transformer networks", 2015, section 3.3), between
// values by the mode. It has derivatives with respect to both.
// x: [batch, height, width, channels], grid: [batch, height', width', 2] of (across, down) from -1 to 1, result: [batch, height', width',
// channels].
func GridSample(x, grid *graph.Node, o SampleOptions) *graph.Node {
	if x.Rank() != 4 || grid.Rank() != 4 || grid.Shape().Dim(-1) != 2 || grid.Shape().Dim(0) != x.Shape().Dim(0) {
		panic(errorf("grid sampling takes x [batch, height, width, channels] and a grid [batch, height, width, 2], was given %s and %s", x.Shape(), grid.Shape()))
	}
	if !slices.Contains([]string{"", "zeros", "border", "reflection"}, o.Padding) {
		panic(errorf("grid sampling's padding %q: it is zeros, border or reflection", o.Padding))
	}
	s := sampler{SampleOptions: o, x: x}
	across, down := s.coordinate(grid, 0, x.Shape().Dim(2)), s.coordinate(grid, 1, x.Shape().Dim(1))
	switch o.Mode {
	case "nearest":
		return s.at(graph.Round(graph.StopGradient(s.inside(down, x.Shape().Dim(1)))), graph.Round(graph.StopGradient(s.inside(across, x.Shape().Dim(2)))))
	case "bicubic": // each of the 16 is brought inside by itself
		return s.weigh(down, across, cubicWeights, s.inside)
	case "", "bilinear":
		still := func(n *graph.Node, _ int) *graph.Node { return n }
		return s.weigh(s.inside(down, x.Shape().Dim(1)), s.inside(across, x.Shape().Dim(2)), linearWeights, still)
	default:
		panic(errorf("grid sampling's mode %q: it is bilinear, nearest or bicubic", o.Mode))
	}
}

type sampler struct {
	SampleOptions
	x *graph.Node
}

// coordinate is part i of the grid, [batch, height', width'], counted in values of an axis.
func (s sampler) coordinate(grid *graph.Node, i, size int) *graph.Node {
	c := graph.OnePlus(graph.Squeeze(graph.SliceAxis(grid, 3, graph.AxisElem(i)), 3))
	if s.AlignCorners {
		return graph.MulScalar(c, float64(size-1)/2)
	}
	return graph.AddScalar(graph.MulScalar(c, float64(size)/2), -0.5)
}

// inside brings coordinates that lie outside to where their values are, by the padding; outside zeros stay there.
func (s sampler) inside(c *graph.Node, size int) *graph.Node {
	switch s.Padding {
	case "border":
		return clip(c, size)
	case "reflection":
		low, span := -0.5, float64(size)
		if s.AlignCorners {
			low, span = 0, float64(size-1)
		}
		if span == 0 {
			return graph.ZerosLike(c)
		}
		c = absolute(graph.AddScalar(c, -low))
		turns := graph.Floor(graph.StopGradient(graph.DivScalar(c, span)))
		rest := graph.Sub(c, graph.MulScalar(turns, span))
		odd := graph.NotEqual(graph.MulScalar(graph.Floor(graph.MulScalar(turns, 0.5)), 2), turns)
		return clip(graph.AddScalar(graph.Where(odd, graph.AddScalar(graph.Neg(rest), span), rest), low), size)
	default:
		return c
	}
}

// clip holds coordinates between the first and the last value; at the bounds and beyond they have no gradient, as in PyTorch.
func clip(c *graph.Node, size int) *graph.Node { return between(c, 0, float64(size-1), c) }

// tap is a neighbour's distance from the value at or before a coordinate, and its weight.
type tap struct {
	offset int
	weight *graph.Node
}

// linearWeights are those of the two neighbours, from the distance to the first.
func linearWeights(d *graph.Node) []tap { return []tap{{0, graph.OneMinus(d)}, {1, d}} }

// cubicWeights are [cubic]'s for the four neighbours, with a = -0.75.
func cubicWeights(d *graph.Node) []tap {
	const a = -0.75
	near := func(d *graph.Node) *graph.Node { // ((a+2)d - (a+3))d² + 1
		return graph.OnePlus(graph.Mul(graph.AddScalar(graph.MulScalar(d, a+2), -(a+3)), graph.Square(d)))
	}
	far := func(d *graph.Node) *graph.Node { // ((ad - 5a)d + 8a)d - 4a
		return graph.AddScalar(graph.Mul(graph.AddScalar(graph.Mul(graph.AddScalar(graph.MulScalar(d, a), -5*a), d), 8*a), d), -4*a)
	}
	return []tap{{-1, far(graph.OnePlus(d))}, {0, near(d)}, {1, near(graph.OneMinus(d))}, {2, far(graph.AddScalar(graph.Neg(d), 2))}}
}

// weigh sums the neighbours of each place, brought inside by the given rule.
func (s sampler) weigh(down, across *graph.Node, weights func(d *graph.Node) []tap, inside func(c *graph.Node, size int) *graph.Node) *graph.Node {
	y0, x0 := graph.Floor(graph.StopGradient(down)), graph.Floor(graph.StopGradient(across))
	var sum *graph.Node
	for _, v := range weights(graph.Sub(down, y0)) {
		y := inside(graph.AddScalar(y0, float64(v.offset)), s.x.Shape().Dim(1))
		for _, u := range weights(graph.Sub(across, x0)) {
			x := inside(graph.AddScalar(x0, float64(u.offset)), s.x.Shape().Dim(2))
			part := graph.Mul(s.at(y, x), graph.InsertAxes(graph.Mul(v.weight, u.weight), -1))
			if sum == nil {
				sum = part
			} else {
				sum = graph.Add(sum, part)
			}
		}
	}
	return sum
}

// at takes the values at whole places, [batch, height', width'] each, and zeros outside: [batch, height', width', channels].
func (s sampler) at(down, across *graph.Node) *graph.Node {
	d := s.x.Shape().Dimensions
	within := func(c *graph.Node, size int) (place, ok *graph.Node) {
		ok = graph.LogicalAnd(graph.GreaterOrEqual(c, scalar(c, 0)), graph.LessOrEqual(c, scalar(c, float64(size-1))))
		return graph.ConvertDType(graph.Where(ok, c, graph.ZerosLike(c)), dtypes.Int32), ok
	}
	row, rowOK := within(down, d[1])
	column, columnOK := within(across, d[2])
	places := graph.Add(graph.MulScalar(row, d[2]), column)
	values := TakeRows(graph.Reshape(s.x, d[0], d[1]*d[2], d[3]), graph.Reshape(places, d[0], -1))
	values = graph.Reshape(values, append(slices.Clone(places.Shape().Dimensions), d[3])...)
	ok := graph.BroadcastToShape(graph.InsertAxes(graph.LogicalAnd(rowOK, columnOK), -1), shapes.Make(dtypes.Bool, values.Shape().Dimensions...))
	return graph.Where(ok, values, graph.ZerosLike(values))
}
