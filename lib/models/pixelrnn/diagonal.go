package pixelrnn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/nn/pixels"
)

// diagonalLSTM goes over the picture from both upper corners (section 3.2). What comes from the right moves one row down, lest a pixel see
// what is right of it in its own row.
type diagonalLSTM struct {
	Left  *direction     `nn:"left"`
	Right *direction     `nn:"right"`
	Up    *nn.MaskedConv `nn:"up"`
}

// direction is one of the two.
type direction struct {
	Input *nn.MaskedConv `nn:"input_to_state"` // 1×1
	State *nn.Conv       `nn:"state_to_state"` // 2, over the column before: the row above, and the own one

	hidden int
}

func newDiagonalLSTM(c Config) *diagonalLSTM {
	h := c.Hidden
	one := func() *direction {
		return &direction{
			Input:  masked(c, 2*h, 4*h, 1, 1, nn.MaskB, 4),
			State:  nn.NewConv1d(h, 4*h, []int{2}, nn.ConvOptions{NoBias: true}),
			hidden: h,
		}
	}
	return &diagonalLSTM{Left: one(), Right: one(), Up: masked(c, h, 2*h, 1, 1, nn.MaskB, 1)}
}

func (l *diagonalLSTM) whole(s *model.Scope, x *graph.Node) *graph.Node {
	left := l.Left.whole(s, x)
	right := nn.Flip(l.Right.whole(s, nn.Flip(x, 2)), 2)
	return l.Up.Forward(s, graph.Add(left, moved(right, 1, 1)))
}

// whole goes over x: [batch, height, width, 2·hidden] from the upper left, a column of the skewed map a step, and gives its outputs.
func (d *direction) whole(s *model.Scope, x *graph.Node) *graph.Node {
	n, height, width := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2)
	gates := graph.TransposeAllAxes(Skew(d.Input.Forward(s, x)), 2, 0, 1, 3) // [width+height-1, batch, height, 4·hidden]
	start := []*graph.Node{zeros(x.Graph(), n, height, d.hidden), zeros(x.Graph(), n, height, d.hidden)}
	_, columns := nn.Scan(nn.ScanConfig{}, start, []*graph.Node{gates}, func(_ *graph.Node, before, in []*graph.Node) (next, y []*graph.Node) {
		h, cell := lstm(graph.Add(in[0], taps(s, d.State, moved(before[0], 1, 1), before[0])), before[1])
		return []*graph.Node{h, cell}, []*graph.Node{h}
	})
	return Unskew(graph.TransposeAllAxes(columns[0], 1, 2, 0, 3), width)
}

// Skew moves row i of x: [batch, height, width, channels] i places to the right, so that diagonals become columns: [batch, height,
// width+height-1, channels], with zeros around (figure 3 of the paper).
func Skew(x *graph.Node) *graph.Node {
	d := x.Shape().Dimensions
	n, height, width, channels := d[0], d[1], d[2], d[3]
	// Rows of width+height values, read again as rows one shorter: each begins a place further on.
	padded := graph.Reshape(nn.Pad(x, nn.PadZero, nil, []int{0, 0, height}), n, height*(width+height), channels)
	return graph.Reshape(graph.SliceAxis(padded, 1, graph.AxisRange(0, height*(width+height-1))), n, height, width+height-1, channels)
}

// Unskew undoes [Skew].
func Unskew(x *graph.Node, width int) *graph.Node {
	d := x.Shape().Dimensions
	n, height, channels := d[0], d[1], d[3]
	flat := nn.Pad(graph.Reshape(x, n, height*(width+height-1), channels), nn.PadZero, nil, []int{0, height})
	return graph.SliceAxis(graph.Reshape(flat, n, height, width+height, channels), 2, graph.AxisRange(0, width))
}

// top has, for the row above: what comes from the left; and of what comes from the right, which can be computed only once a row is whole,
// what went into the gates, and the outputs of the row above that one.
func (l *diagonalLSTM) top(g *graph.Graph, n, width int) []*graph.Node {
	h := l.Left.hidden
	return []*graph.Node{zeros(g, n, width, h), zeros(g, n, width, 4*h), zeros(g, n, width, h)}
}

func (l *diagonalLSTM) row(s *model.Scope, above []*graph.Node) pixels.Row {
	right := l.Right.rowAbove(s, above[1], above[2])
	n, h := right.Shape().Dim(0), l.Left.hidden
	return pixels.Row{
		Above: []*graph.Node{above[0], right},
		Left:  []*graph.Node{zeros(right.Graph(), n, h), zeros(right.Graph(), n, h)},
		Down:  func(kept []*graph.Node) []*graph.Node { return []*graph.Node{kept[0], kept[1], right} },
	}
}

// rowAbove computes a whole row from right to left: gates [n, width, 4·hidden] are what its inputs add, above the outputs of the row above it.
func (d *direction) rowAbove(s *model.Scope, gates, above *graph.Node) *graph.Node {
	start := []*graph.Node{zeros(gates.Graph(), gates.Shape().Dim(0), d.hidden), zeros(gates.Graph(), gates.Shape().Dim(0), d.hidden)}
	inputs := []*graph.Node{graph.Transpose(gates, 0, 1), graph.Transpose(above, 0, 1)}
	config := nn.ScanConfig{Reverse: true, Unroll: nn.UnrollNever, NoGradient: true}
	_, row := nn.Scan(config, start, inputs, func(_ *graph.Node, before, in []*graph.Node) (next, y []*graph.Node) {
		h, cell := lstm(graph.Add(in[0], taps(s, d.State, in[1], before[0])), before[1])
		return []*graph.Node{h, cell}, []*graph.Node{h}
	})
	return graph.Transpose(row[0], 0, 1)
}

func (l *diagonalLSTM) pixel(s *model.Scope, x *graph.Node, above, left []*graph.Node) pixels.Pixel {
	h, cell := lstm(graph.Add(one(s, l.Left.Input, x), taps(s, l.Left.State, above[0], left[0])), left[1])
	return pixels.Pixel{
		Out:  one(s, l.Up, graph.Add(h, above[1])),
		Left: []*graph.Node{h, cell},
		Kept: []*graph.Node{h, one(s, l.Right.Input, x)},
	}
}
