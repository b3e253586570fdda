package pixelrnn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/nn/pixels"
)

// rowLSTM computes a row at a time from the one above (section 3.1).
type rowLSTM struct {
	Input *nn.MaskedConv `nn:"input_to_state"` // 1×3
	State *nn.Conv       `nn:"state_to_state"` // 3, over the row above
	Up    *nn.MaskedConv `nn:"up"`

	hidden int
}

func newRowLSTM(c Config) *rowLSTM {
	h := c.Hidden
	return &rowLSTM{
		Input:  masked(c, 2*h, 4*h, 1, 3, nn.MaskB, 4),
		State:  nn.NewConv1d(h, 4*h, []int{3}, nn.ConvOptions{Padding: []int{1}, NoBias: true}),
		Up:     masked(c, h, 2*h, 1, 1, nn.MaskB, 1),
		hidden: h,
	}
}

// String is the name of the class.
func (*rowLSTM) String() string { return "RowLSTM" }

// state is what the row above, h [n, width, hidden], adds to the gates.
func (l *rowLSTM) state(s *model.Scope, h *graph.Node) *graph.Node {
	return taps(s, l.State, moved(h, 1, 1), h, moved(h, 1, -1))
}

func (l *rowLSTM) whole(s *model.Scope, x *graph.Node) *graph.Node {
	gates := graph.TransposeAllAxes(l.Input.Forward(s, x), 1, 0, 2, 3) // [height, batch, width, 4·hidden]
	_, rows := nn.Scan(nn.ScanConfig{}, l.top(x.Graph(), x.Shape().Dim(0), x.Shape().Dim(2)), []*graph.Node{gates},
		func(_ *graph.Node, above, in []*graph.Node) (next, y []*graph.Node) {
			h, cell := lstm(graph.Add(in[0], l.state(s, above[0])), above[1])
			return []*graph.Node{h, cell}, []*graph.Node{h}
		})
	return l.Up.Forward(s, graph.TransposeAllAxes(rows[0], 1, 0, 2, 3))
}

// top is output and cell above the picture.
func (l *rowLSTM) top(g *graph.Graph, n, width int) []*graph.Node {
	return []*graph.Node{zeros(g, n, width, l.hidden), zeros(g, n, width, l.hidden)}
}

func (l *rowLSTM) row(s *model.Scope, above []*graph.Node) pixels.Row {
	return pixels.Row{
		Above: []*graph.Node{l.state(s, above[0]), above[1]},
		Left:  []*graph.Node{zeros(above[0].Graph(), above[0].Shape().Dim(0), 1, 2*l.hidden)},
		Down:  func(kept []*graph.Node) []*graph.Node { return kept },
	}
}

func (l *rowLSTM) pixel(s *model.Scope, x *graph.Node, above, left []*graph.Node) pixels.Pixel {
	seen := pixels.Append(left[0], x)
	h, cell := lstm(graph.Add(l.Input.Pixel(s, seen), above[0]), above[1])
	return pixels.Pixel{Out: one(s, l.Up, h), Left: []*graph.Node{pixels.Rest(seen)}, Kept: []*graph.Node{h, cell}}
}
