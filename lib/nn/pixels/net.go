// Package pixels is what networks share that say of each value of a picture how likely it is, given those before it: row by row from the
// top, pixel by pixel from the left, colour by colour. Their outputs as distributions, the loop that draws a picture, completions of one
// whose first values are known, and what each pixel of a given one costs.
package pixels

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Net is such a network, which can be computed at once for a picture that is known and pixel by pixel for one that is being drawn.
type Net interface {
	// Forward gives the outputs of all pixels. x: levels as values in [0, 1], [batch, height, width, channels]; class: int32 [batch], or nil;
	// result: [batch, height, width, outputs].
	Forward(s *model.Scope, x, class *graph.Node) *graph.Node

	// Reach is how many rows up and pixels to the left the first layer sees.
	Reach() int
	// Top is what stands for the rows above the picture, for n pictures of a width: zeros.
	Top(g *graph.Graph, n, width int) []*graph.Node
	// Row computes what the pixels of a row take from the rows above, once for all of them. x: the picture's last rows, [n, reach, width,
	// channels]; above: what it gave for the row above, or Top's.
	Row(s *model.Scope, x *graph.Node, above []*graph.Node, class *graph.Node) Row
	// Pixel computes the outputs of one pixel, [n, outputs]. x: the row's last pixels, the own one last, [n, reach+1, channels]; above:
	// the pixel's part of the row's; left: what the pixel on the left handed on.
	Pixel(s *model.Scope, x *graph.Node, above, left []*graph.Node) Pixel
}

// Row is what is computed once for a row.
type Row struct {
	Above []*graph.Node // for each of its pixels: [n, width, ...]
	Left  []*graph.Node // what its first pixel has on its left
	// Down gives what the next row is handed, from what the pixels kept: [n, width, ...].
	Down func(kept []*graph.Node) []*graph.Node
}

// Pixel is what is computed for a pixel.
type Pixel struct {
	Out  *graph.Node   // [n, outputs]
	Left []*graph.Node // for the pixel on the right
	Kept []*graph.Node // for the row below: [n, ...]
}

// Append puts one more after those along axis 1 of x.
func Append(x, one *graph.Node) *graph.Node {
	return graph.Concatenate([]*graph.Node{x, graph.InsertAxes(one, 1)}, 1)
}

// Rest is x without the first along axis 1.
func Rest(x *graph.Node) *graph.Node { return graph.SliceAxis(x, 1, graph.AxisRangeToEnd(1)) }

// Outputs are what PyTorch's modules give: logits, and the mean of nats a value. x and class are [Net]'s.
func Outputs(net Net, l Likelihood, s *model.Scope, x, class *graph.Node) map[string]*graph.Node {
	out := net.Forward(s, x, class)
	return map[string]*graph.Node{"logits": l.Logits(out), "nll": l.Loss(out, x)}
}
