package nn

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Cell is the kind of a recurrent layer.
type Cell int

// The cells, in PyTorch's words: nn.RNN with nonlinearity "tanh" or "relu", nn.LSTM, nn.GRU.
const (
	TanhCell Cell = iota
	ReLUCell
	LSTMCell
	GRUCell
)

// gates is the number of vectors of the hidden size that a cell computes from input and state.
func (c Cell) gates() int { return [...]int{1, 1, 4, 3}[c] }

// RecurrentConfig says what a recurrent layer is; PyTorch's arguments.
type RecurrentConfig struct {
	Cell          Cell
	Input, Hidden int
	Layers        int // 0 is 1
	Bidirectional bool
	BatchFirst    bool    // inputs and outputs are [batch, time, …], not [time, batch, …]
	Dropout       float64 // between layers, while training
	NoBias        bool

	// Segment and Unroll are those of [ScanConfig].
	Segment int
	Unroll  Unroll
}

// Recurrent is PyTorch's nn.RNN, nn.LSTM or nn.GRU (Elman, "Finding structure in time", 1990; Hochreiter & Schmidhuber, "Long
// short-term memory", 1997; Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014), with PyTorch's
// equations, parameters and names.
type Recurrent struct {
	RecurrentConfig
	runs []*recurrentRun // a layer's forward run, then its reverse one where there is one
}

// recurrentRun is one layer in one direction.
type recurrentRun struct {
	suffix             string // "_l0", "_l0_reverse", …
	weightIH, weightHH *Param // [gates·hidden, input], [gates·hidden, hidden]
	biasIH, biasHH     *Param // [gates·hidden]; nil without
}

// RecurrentState is what a recurrent layer carries from step to step: H [layers·directions, batch, hidden] and, for an LSTM, C alike.
type RecurrentState struct {
	H, C *graph.Node
}

// of lists the state of one run, H and, for an LSTM, C, each [batch, hidden].
func (s RecurrentState) of(run int) []*graph.Node {
	var list []*graph.Node
	for _, n := range []*graph.Node{s.H, s.C} {
		if n != nil {
			list = append(list, graph.Squeeze(graph.Slice(n, graph.AxisElem(run)), 0))
		}
	}
	return list
}

// stateOfRuns puts together what of takes apart.
func stateOfRuns(runs [][]*graph.Node) RecurrentState {
	stack := func(i int) *graph.Node {
		if i >= len(runs[0]) {
			return nil
		}
		var list []*graph.Node
		for _, run := range runs {
			list = append(list, run[i])
		}
		return graph.Stack(list, 0)
	}
	return RecurrentState{H: stack(0), C: stack(1)}
}

// NewRecurrent makes a recurrent layer with PyTorch's default initialisation, U(±1/√hidden).
func NewRecurrent(c RecurrentConfig) *Recurrent {
	c.Layers = max(c.Layers, 1)
	init := UniformInit(1 / math.Sqrt(float64(c.Hidden)))
	width := c.Cell.gates() * c.Hidden
	r := &Recurrent{RecurrentConfig: c}
	for layer := range c.Layers {
		input := c.Input
		if layer > 0 {
			input = c.Hidden * r.directions()
		}
		for direction := range r.directions() {
			run := &recurrentRun{
				suffix:   "_l" + strconv.Itoa(layer) + strings.Repeat("_reverse", direction),
				weightIH: &Param{Shape: []int{width, input}, Init: init},
				weightHH: &Param{Shape: []int{width, c.Hidden}, Init: init},
			}
			if !c.NoBias {
				run.biasIH = &Param{Shape: []int{width}, Init: init}
				run.biasHH = &Param{Shape: []int{width}, Init: init}
			}
			r.runs = append(r.runs, run)
		}
	}
	return r
}

func (r *Recurrent) directions() int {
	if r.Bidirectional {
		return 2
	}
	return 1
}

// Children lists the parameters by PyTorch's names.
func (r *Recurrent) Children() []Child {
	var list []Child
	for _, run := range r.runs {
		list = append(list, Child{"weight_ih" + run.suffix, run.weightIH}, Child{"weight_hh" + run.suffix, run.weightHH})
		if !r.NoBias {
			list = append(list, Child{"bias_ih" + run.suffix, run.biasIH}, Child{"bias_hh" + run.suffix, run.biasHH})
		}
	}
	return list
}

// String is the line that PyTorch prints.
func (r *Recurrent) String() string {
	text := fmt.Sprintf("%s(%d, %d", [...]string{"RNN", "RNN", "LSTM", "GRU"}[r.Cell], r.Input, r.Hidden)
	if r.Layers != 1 {
		text += fmt.Sprintf(", num_layers=%d", r.Layers)
	}
	if r.NoBias {
		text += ", bias=False"
	}
	if r.BatchFirst {
		text += ", batch_first=True"
	}
	if r.Dropout != 0 {
		p := strconv.FormatFloat(r.Dropout, 'g', -1, 64)
		if !strings.ContainsAny(p, ".e") {
			p += ".0"
		}
		text += ", dropout=" + p
	}
	if r.Bidirectional {
		text += ", bidirectional=True"
	}
	return text + ")"
}

// ZeroState is the state that PyTorch starts from when none is given.
func (r *Recurrent) ZeroState(g *graph.Graph, batch int) RecurrentState {
	zero := graph.Zeros(g, shapes.Make(dtypes.Float32, len(r.runs), batch, r.Hidden))
	if r.Cell == LSTMCell {
		return RecurrentState{H: zero, C: zero}
	}
	return RecurrentState{H: zero}
}

// Forward runs the layer over x, [time, batch, input] or, with BatchFirst, [batch, time, input], from the given state on.
// y has the hidden size, twice that where bidirectional, as its last axis.
//
// lengths, integers [batch], may be nil. Otherwise a sequence's steps from its length on count for nothing, as in PyTorch's packed
// sequences: y is zero there, the last state is that of the sequence's own last step, and the reverse run starts there.
func (r *Recurrent) Forward(s *model.Scope, x *graph.Node, state RecurrentState, lengths *graph.Node) (y *graph.Node, last RecurrentState) {
	r.check(x, state, lengths)
	if r.BatchFirst {
		x = graph.Transpose(x, 0, 1)
	}
	var valid *graph.Node // [time, batch, 1], true where a step counts
	if lengths != nil {
		time := graph.Iota(x.Graph(), shapes.Make(lengths.DType(), x.Shape().Dim(0), 1, 1), 0)
		valid = graph.LessThan(time, graph.Reshape(lengths, 1, -1, 1))
		// What stands past a length is not even multiplied by 0: a NaN there would stay one.
		x = graph.Where(graph.BroadcastToDims(valid, x.Shape().Dimensions...), x, graph.ZerosLike(x))
	}
	var finals [][]*graph.Node
	for layer := range r.Layers {
		if layer > 0 {
			x = (&Dropout{P: r.Dropout}).Forward(s, x)
		}
		var ys []*graph.Node
		for direction := range r.directions() {
			i := layer*r.directions() + direction
			y, final := r.run(s, r.runs[i], x, state.of(i), valid, direction == 1)
			ys, finals = append(ys, y), append(finals, final)
		}
		x = graph.Concatenate(ys, -1)
	}
	if r.BatchFirst {
		x = graph.Transpose(x, 0, 1)
	}
	return Observed(s, r, x), stateOfRuns(finals)
}

func (r *Recurrent) check(x *graph.Node, state RecurrentState, lengths *graph.Node) {
	if x.Rank() != 3 || x.Shape().Dim(2) != r.Input {
		panic(errorf("recurrent layer %s takes sequences of rank 3 with %d values a step, was given %s", r, r.Input, x.Shape()))
	}
	batch := x.Shape().Dim(1)
	if r.BatchFirst {
		batch = x.Shape().Dim(0)
	}
	if (r.Cell == LSTMCell) != (state.C != nil) {
		panic(errorf("recurrent layer %s: an LSTM's state has H and C, any other's H alone", r))
	}
	for _, n := range []*graph.Node{state.H, state.C} {
		if n != nil && !n.Shape().Equal(shapes.Make(x.DType(), len(r.runs), batch, r.Hidden)) {
			panic(errorf("recurrent layer %s: the state must be [%d, %d, %d], was given %s", r, len(r.runs), batch, r.Hidden, n.Shape()))
		}
	}
	if lengths != nil && (!lengths.DType().IsInt() || lengths.Rank() != 1 || lengths.Shape().Dim(0) != batch) {
		panic(errorf("recurrent layer %s: lengths must be %d integers, one a sequence, was given %s", r, batch, lengths.Shape()))
	}
}

// Gates shows what the gates of an LSTM's first layer, in forward direction, let through at each step, from a zero state on: input,
// forget and output gate in (0, 1), the candidate in (-1, 1), each [batch, time, hidden] with BatchFirst, else [time, batch, hidden].
func (r *Recurrent) Gates(s *model.Scope, x *graph.Node) (input, forget, candidate, output *graph.Node) {
	if r.Cell != LSTMCell {
		panic(errorf("recurrent layer %s has no LSTM's gates to show", r))
	}
	if r.BatchFirst {
		x = graph.Transpose(x, 0, 1)
	}
	g, p := x.Graph(), r.runs[0]
	zero := graph.Zeros(g, shapes.Make(x.DType(), x.Shape().Dim(1), r.Hidden))
	y, _ := r.run(s, p, x, []*graph.Node{zero, zero}, nil, false)
	before := graph.InsertAxes(zero, 0)
	if length := x.Shape().Dim(0); length > 1 {
		before = graph.Concatenate([]*graph.Node{before, graph.Slice(y, graph.AxisRange(0, length-1))}, 0)
	}
	all := graph.Add(graph.EinsumAxes(x, p.weightIH.Node(s, g), [][2]int{{2, 1}}, nil), graph.EinsumAxes(before, p.weightHH.Node(s, g), [][2]int{{2, 1}}, nil))
	for _, b := range []*Param{p.biasIH, p.biasHH} {
		if b != nil {
			all = graph.Add(all, graph.InsertAxes(b.Node(s, g), 0, 0))
		}
	}
	if r.BatchFirst {
		all = graph.Transpose(all, 0, 1)
	}
	parts := split(all, -1, 4)
	return graph.Sigmoid(parts[0]), graph.Sigmoid(parts[1]), graph.Tanh(parts[2]), graph.Sigmoid(parts[3])
}

// split cuts an axis into equal parts.
func split(x *graph.Node, axis, parts int) []*graph.Node {
	size := x.Shape().Dim(axis) / parts
	list := make([]*graph.Node, parts)
	for i := range list {
		list[i] = graph.SliceAxis(x, axis, graph.AxisRange(i*size, (i+1)*size))
	}
	return list
}
