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
// channels]. Volumes have a depth before the height, and grids of (across, down, back), last axis first; they aren't sampled bicubically.
func GridSample(x, grid *graph.Node, o SampleOptions) *graph.Node {
	axes := x.Rank() - 2
	if axes != 2 && axes != 3 || grid.Rank() != x.Rank() || grid.Shape().Dim(-1) != axes || grid.Shape().Dim(0) != x.Shape().Dim(0) {
		panic(errorf("grid sampling takes x [batch, height, width, channels] and a grid [batch, height, width, 2], or both with a depth and 3, was given %s and %s",
			x.Shape(), grid.Shape()))
	}
	if !slices.Contains([]string{"", "zeros", "border", "reflection"}, o.Padding) {
		panic(errorf("grid sampling's padding %q: it is zeros, border or reflection", o.Padding))
	}
	s := sampler{SampleOptions: o, x: x, sizes: x.Shape().Dimensions[1 : axes+1]}
	given, inside := make([]*graph.Node, axes), make([]*graph.Node, axes)
	for i, size := range s.sizes {
		given[i] = s.coordinate(grid, axes-1-i, size)
		inside[i] = s.inside(given[i], size)
	}
	switch {
	case o.Mode == "nearest":
		for i, c := range inside {
			inside[i] = graph.Round(graph.StopGradient(c))
		}
		return s.at(inside)
	case o.Mode == "bicubic" && axes == 2: // each of the 16 is brought inside by itself
		return s.weigh(given, cubicWeights, s.inside)
	case o.Mode == "" || o.Mode == "bilinear":
		return s.weigh(inside, linearWeights, func(n *graph.Node, _ int) *graph.Node { return n })
	default:
		panic(errorf("grid sampling's mode %q: it is bilinear, nearest or, for pictures, bicubic", o.Mode))
	}
}

type sampler struct {
	SampleOptions
	x     *graph.Node
	sizes []int // of its spatial axes
}

// coordinate is part i of the grid, [batch, height', width'], counted in values of an axis.
func (s sampler) coordinate(grid *graph.Node, i, size int) *graph.Node {
	c := graph.OnePlus(graph.Squeeze(graph.SliceAxis(grid, -1, graph.AxisElem(i)), -1))
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

// weigh sums the neighbours of each place, brought inside by the given rule. coordinates: [batch, height', width'] for each axis.
func (s sampler) weigh(coordinates []*graph.Node, weights func(d *graph.Node) []tap, inside func(c *graph.Node, size int) *graph.Node) *graph.Node {
	axes := len(coordinates)
	first, taps := make([]*graph.Node, axes), make([][]tap, axes)
	for i, c := range coordinates {
		first[i] = graph.Floor(graph.StopGradient(c))
		taps[i] = weights(graph.Sub(c, first[i]))
	}
	var sum *graph.Node
	places := make([]*graph.Node, axes)
	var add func(axis int, weight *graph.Node)
	add = func(axis int, weight *graph.Node) {
		if axis == axes {
			part := graph.Mul(s.at(places), graph.InsertAxes(weight, -1))
			if sum == nil {
				sum = part
			} else {
				sum = graph.Add(sum, part)
			}
			return
		}
		for _, t := range taps[axis] {
			places[axis] = inside(graph.AddScalar(first[axis], float64(t.offset)), s.sizes[axis])
			if weight == nil {
				add(axis+1, t.weight)
			} else {
				add(axis+1, graph.Mul(weight, t.weight))
			}
		}
	}
	add(0, nil)
	return sum
}

// at takes the values at whole places, [batch, height', width'] for each axis, and zeros outside: [batch, height', width', channels].
func (s sampler) at(coordinates []*graph.Node) *graph.Node {
	var places, inside *graph.Node
	values := 1
	for i, c := range coordinates {
		size := s.sizes[i]
		ok := graph.LogicalAnd(graph.GreaterOrEqual(c, scalar(c, 0)), graph.LessOrEqual(c, scalar(c, float64(size-1))))
		place := graph.ConvertDType(graph.Where(ok, c, graph.ZerosLike(c)), dtypes.Int32)
		if places == nil {
			places, inside = place, ok
		} else {
			places, inside = graph.Add(graph.MulScalar(places, size), place), graph.LogicalAnd(inside, ok)
		}
		values *= size
	}
	batch, channels := s.x.Shape().Dim(0), s.x.Shape().Dim(-1)
	taken := TakeRows(graph.Reshape(s.x, batch, values, channels), graph.Reshape(places, batch, -1))
	taken = graph.Reshape(taken, append(slices.Clone(places.Shape().Dimensions), channels)...)
	inside = graph.BroadcastToShape(graph.InsertAxes(inside, -1), shapes.Make(dtypes.Bool, taken.Shape().Dimensions...))
	return graph.Where(inside, taken, graph.ZerosLike(taken))
}
