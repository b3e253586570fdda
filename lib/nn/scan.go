package nn

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// ScanBody is one step of a [Scan]. step is its place in time (scalar, int32); carry and x are the state so far and the step's
// inputs. It returns the next state, shaped as carry, and the step's outputs.
//
// It may use any node made before the scan, and parameters of layers; gradients reach them. It is built once for all steps, so what
// is random inside comes from a key folded ([Fold]) with the step.
type ScanBody func(step *graph.Node, carry, x []*graph.Node) (next, y []*graph.Node)

// Unroll says how a scan is compiled.
type Unroll int

// A scan is a loop in the graph, or its steps one after the other.
const (
	UnrollShort Unroll = iota // the loop, unless sequence and state are so small that the steps are faster
	UnrollNever
	UnrollAlways
)

// UnrollShort writes the steps out up to n steps, if the states of all of them together are n values. A loop's step costs
// some microseconds of its own, and XLA can't fuse across it; beyond this its compiled code is faster, and ready sooner
// (docs/figures.md).
const unrollSteps, unrollValues = 16, 2048

// ScanConfig says how to scan.
type ScanConfig struct {
	// Length is the number of steps; it may be left 0 where there are inputs, whose first axis tells.
	Length int
	// Reverse goes from the last step to the first; inputs and outputs keep their places.
	Reverse bool
	// Segment, when positive, keeps for the gradient the state at the beginning of each n steps alone, and computes the
	// states between again: memory for length/segment + segment states, not length, at the price of one more forward pass.
	Segment int
	// Unroll chooses the form; both give the same numbers.
	Unroll Unroll
	// NoGradient leaves out what a gradient alone would need; XLA finds that out by itself, the pure-Go backend doesn't.
	NoGradient bool
}

// Scan carries a state through a sequence: at each step body gets the state and that step's slice of each of xs (their first axis
// is time), and returns the next state and outputs. Scan returns the last state and each output stacked along a new first axis.
//
// It compiles once, whatever the length, as a loop; so does its gradient, a loop in the other direction, for which each step keeps
// what the gradient needs of it. Scans may stand inside a body. There is no gradient of a loop's
// gradient; steps that are written out have one.
func Scan(c ScanConfig, init, xs []*graph.Node, body ScanBody) (final, ys []*graph.Node) {
	c.check(init, xs)
	switch {
	case c.Segment > 0 && c.Segment < c.Length:
		return scanSegments(c, init, xs, body)
	case c.Unroll == UnrollAlways || c.Unroll == UnrollShort && c.short(init):
		return unroll(c, init, xs, body)
	}
	s := newStep(init, xs, body)
	if c.NoGradient {
		out := newLoop(s, c.Length, c.Reverse).run(init, xs)
		return out.final, out.ys
	}
	return scanLoop(s, c.Length, c.Reverse, false, init, xs)
}

// short says whether the steps are faster written out.
func (c *ScanConfig) short(init []*graph.Node) bool {
	values := 0
	for _, n := range init {
		values += n.Shape().Size()
	}
	return c.Length <= unrollSteps && c.Length*values <= unrollValues
}

// newStep builds one step of a scan; the first stands in for all.
func newStep(init, xs []*graph.Node, body ScanBody) step {
	g := slices.Concat(init, xs)[0].Graph()
	s := step{g: g, number: detached(graph.Scalar(g, dtypes.Int32, 0))}
	s.lastOutside = s.number.Id()
	for _, n := range init {
		s.carry = append(s.carry, detached(n))
	}
	for _, n := range at(xs, 0) {
		s.input = append(s.input, detached(n))
	}
	s.nextCarry, s.output = body(s.number, slices.Clone(s.carry), slices.Clone(s.input)) // a body may change what it is given
	checkNext(s.nextCarry, init)
	return s
}

// check fills in what the inputs tell and panics where they make no scan.
func (c *ScanConfig) check(init, xs []*graph.Node) {
	if len(init)+len(xs) == 0 {
		panic(errorf("a scan needs an initial state or inputs, was given neither"))
	}
	if c.Segment < 0 {
		panic(errorf("a scan's segment is %d steps: it must be positive, or 0 for none", c.Segment))
	}
	for i, x := range xs {
		if x.Rank() == 0 {
			panic(errorf("input %d of a scan is a scalar: its first axis must be time", i))
		}
		if c.Length == 0 {
			c.Length = x.Shape().Dim(0)
		}
		if x.Shape().Dim(0) != c.Length {
			panic(errorf("input %d of a scan is %s: its first axis must be the scan's length, %d", i, x.Shape(), c.Length))
		}
	}
	if c.Length < 1 {
		panic(errorf("a scan has %d steps: it must have at least 1", c.Length))
	}
}

func checkNext(next, init []*graph.Node) {
	if len(next) != len(init) {
		panic(errorf("the body of a scan returns a state of %d tensors, was given one of %d", len(next), len(init)))
	}
	for i, n := range next {
		if !n.Shape().Equal(init[i].Shape()) {
			panic(errorf("the body of a scan returns %s for tensor %d of the state, which began as %s", n.Shape(), i, init[i].Shape()))
		}
	}
}

// at picks step t, known while building, of each input.
func at(xs []*graph.Node, t int) []*graph.Node {
	list := make([]*graph.Node, len(xs))
	for i, x := range xs {
		list[i] = graph.Squeeze(graph.Slice(x, graph.AxisElem(t)), 0)
	}
	return list
}

// unroll writes the steps out one after the other.
func unroll(c ScanConfig, init, xs []*graph.Node, body ScanBody) (final, ys []*graph.Node) {
	g := slices.Concat(init, xs)[0].Graph()
	carry := init
	outputs := make([][]*graph.Node, c.Length)
	for i := range c.Length {
		t := i
		if c.Reverse {
			t = c.Length - 1 - i
		}
		next, y := body(graph.Scalar(g, dtypes.Int32, t), carry, at(xs, t))
		checkNext(next, init)
		carry, outputs[t] = next, y
	}
	ys = make([]*graph.Node, len(outputs[0]))
	for i := range ys {
		column := make([]*graph.Node, c.Length)
		for t := range column {
			column[t] = outputs[t][i]
		}
		ys[i] = graph.Stack(column, 0)
	}
	return carry, ys
}

// scanSegments scans over segments, each a scan of its own; steps that fill no segment stand at the end of time.
func scanSegments(c ScanConfig, init, xs []*graph.Node, body ScanBody) (final, ys []*graph.Node) {
	inner := ScanConfig{Length: c.Segment, Reverse: c.Reverse, Unroll: c.Unroll}
	count := c.Length / c.Segment
	whole := count * c.Segment

	folded, rest := make([]*graph.Node, len(xs)), make([]*graph.Node, len(xs))
	for i, x := range xs {
		dims := append([]int{count, c.Segment}, x.Shape().Dimensions[1:]...)
		folded[i] = graph.Reshape(graph.Slice(x, graph.AxisRange(0, whole)), dims...)
		if whole < c.Length {
			rest[i] = graph.Slice(x, graph.AxisRange(whole, c.Length))
		}
	}
	// later is the body for steps that are counted from base on.
	later := func(base *graph.Node) ScanBody {
		return func(step *graph.Node, carry, x []*graph.Node) (next, y []*graph.Node) {
			return body(graph.Add(base, step), carry, x)
		}
	}
	scanWhole := func(carry []*graph.Node) (final, ys []*graph.Node) {
		segment := newStep(carry, folded, func(step *graph.Node, carry, x []*graph.Node) (next, y []*graph.Node) {
			return Scan(inner, carry, x, later(graph.MulScalar(step, c.Segment)))
		})
		final, ys = scanLoop(segment, count, c.Reverse, true, carry, folded)
		for i, y := range ys {
			ys[i] = graph.Reshape(y, append([]int{whole}, y.Shape().Dimensions[2:]...)...)
		}
		return final, ys
	}
	if whole == c.Length {
		return scanWhole(init)
	}
	scanRest := func(carry []*graph.Node) (final, ys []*graph.Node) {
		tail := inner
		tail.Length = c.Length - whole
		g := slices.Concat(init, xs)[0].Graph()
		return Scan(tail, carry, rest, later(graph.Scalar(g, dtypes.Int32, whole)))
	}
	var early, late []*graph.Node
	if c.Reverse {
		final, late = scanRest(init)
		final, early = scanWhole(final)
	} else {
		final, early = scanWhole(init)
		final, late = scanRest(final)
	}
	for i := range early {
		ys = append(ys, graph.Concatenate([]*graph.Node{early[i], late[i]}, 0))
	}
	return final, ys
}
