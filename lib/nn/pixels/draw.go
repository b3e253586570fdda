package pixels

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// drawing is what the loops that draw take: pictures of which the first values are known. All nodes are float32 but class and known.
type drawing struct {
	net Net
	Likelihood
	given       *graph.Node // [n, height, width, channels]
	known       *graph.Node // int32 scalar: how many values of each picture are kept, in their order
	class       *graph.Node // int32 [n], or nil
	noise       *graph.Node // U[0, 1) [height, width, n, draws]
	temperature *graph.Node // scalar
}

// Draw gives pictures drawn by given random numbers. noise: U[0, 1) [height, width, n, draws], one for each colour; class: int32 [n], or nil;
// result: [n, height, width, channels].
func Draw(s *model.Scope, net Net, l Likelihood, noise, class *graph.Node) *graph.Node {
	g, dims := noise.Graph(), noise.Shape().Dimensions
	d := &drawing{
		net: net, Likelihood: l, class: class, noise: noise,
		given: graph.Zeros(g, shapes.Make(dtypes.Float32, dims[2], dims[0], dims[1], l.Channels)),
		known: graph.Scalar(g, dtypes.Int32, 0), temperature: graph.Scalar(g, dtypes.Float32, 1),
	}
	return d.rows(s)
}

// kept is 1 for the values that are kept and 0 for others, [height, width, channels].
func (d *drawing) kept() *graph.Node {
	dims := d.given.Shape().Dimensions[1:]
	places := graph.Iota(d.given.Graph(), shapes.Make(dtypes.Int32, dims[0]*dims[1]*dims[2]), 0)
	return graph.Reshape(graph.ConvertDType(graph.LessThan(places, graph.BroadcastToShape(d.known, places.Shape())), dtypes.Float32), dims...)
}

// pixel draws the values of a pixel pass by pass, each with what out says once the earlier ones stand. x: [n, channels], zeros at first.
// given: [n, channels], kept: [channels].
func (d *drawing) pixel(u, given, kept *graph.Node, out func(x *graph.Node) *graph.Node) *graph.Node {
	keep := graph.BroadcastToShape(graph.ExpandLeftToRank(kept, 2), given.Shape())
	keep = graph.GreaterThan(keep, graph.ZerosLike(keep))
	x := graph.ZerosLike(given)
	for pass := range d.passes() {
		drawn := d.draw(out(x), u, x, d.temperature, pass)
		x = graph.Where(keep, given, drawn)
	}
	return x
}

// rows draws pictures with each thing computed once: what is above a row for the whole row, what is left of a pixel at the pixel.
// Result: [n, height, width, channels].
func (d *drawing) rows(s *model.Scope) *graph.Node {
	g, dims := d.given.Graph(), d.given.Shape().Dimensions
	n, width, channels, reach := dims[0], dims[2], dims[3], d.net.Reach()
	zeros := func(dims ...int) *graph.Node { return graph.Zeros(g, shapes.Make(dtypes.Float32, dims...)) }
	once := func(length int) nn.ScanConfig {
		return nn.ScanConfig{Length: length, Unroll: nn.UnrollNever, NoGradient: true}
	}

	start := append([]*graph.Node{zeros(n, reach, width, channels)}, d.net.Top(g, n, width)...)
	inputs := []*graph.Node{d.noise, graph.TransposeAllAxes(d.given, 1, 2, 0, 3), d.kept()}
	_, drawn := nn.Scan(once(dims[1]), start, inputs, func(_ *graph.Node, state, in []*graph.Node) (next, y []*graph.Node) {
		row := d.net.Row(s, state[0], state[1:], d.class)
		left := append([]*graph.Node{zeros(n, reach, channels)}, row.Left...)
		for _, a := range row.Above {
			in = append(in, firstAxes(a))
		}
		_, made := nn.Scan(once(width), left, in, func(_ *graph.Node, left, in []*graph.Node) (next, y []*graph.Node) {
			var p Pixel
			x := d.pixel(in[0], in[1], in[2], func(x *graph.Node) *graph.Node {
				p = d.net.Pixel(s, Append(left[0], x), in[3:], left[1:])
				return p.Out
			})
			return append([]*graph.Node{Rest(Append(left[0], x))}, p.Left...), append([]*graph.Node{x}, p.Kept...)
		})
		for i, m := range made {
			made[i] = firstAxes(m)
		}
		return append([]*graph.Node{Rest(Append(state[0], made[0]))}, row.Down(made[1:])...), made[:1]
	})
	return firstAxes(drawn[0])
}

// firstAxes swaps the first two axes.
func firstAxes(x *graph.Node) *graph.Node { return graph.Transpose(x, 0, 1) }

// whole draws the same pictures by a whole pass of the network for each value.
func (d *drawing) whole(s *model.Scope) *graph.Node {
	g, dims := d.given.Graph(), d.given.Shape().Dimensions
	n, height, width, channels := dims[0], dims[1], dims[2], dims[3]
	flat := func(x *graph.Node, rest ...int) *graph.Node {
		return graph.Reshape(x, append([]int{height * width}, rest...)...)
	}
	inputs := []*graph.Node{
		flat(d.noise, n, d.draws()), flat(graph.TransposeAllAxes(d.given, 1, 2, 0, 3), n, channels), flat(d.kept(), channels),
	}
	places := graph.Iota(g, shapes.Make(dtypes.Int32, 1, height*width, 1), 1)
	final, _ := nn.Scan(nn.ScanConfig{Length: height * width, Unroll: nn.UnrollNever, NoGradient: true}, []*graph.Node{graph.ZerosLike(d.given)}, inputs,
		func(step *graph.Node, state, in []*graph.Node) (next, y []*graph.Node) {
			here := graph.ConvertDType(graph.Equal(places, graph.BroadcastToShape(step, places.Shape())), dtypes.Float32) // [1, height·width, 1]
			before := graph.Reshape(state[0], n, height*width, channels)
			put := func(x *graph.Node) *graph.Node { return graph.Add(before, graph.Mul(here, graph.InsertAxes(x, 1))) }
			x := d.pixel(in[0], in[1], in[2], func(x *graph.Node) *graph.Node {
				out := d.net.Forward(s, graph.Reshape(put(x), dims...), d.class)
				out = graph.Reshape(out, n, height*width, d.Outputs())
				return graph.ReduceSum(graph.Mul(out, here), 1)
			})
			return []*graph.Node{graph.Reshape(put(x), dims...)}, nil
		})
	return final[0]
}
