package nn

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// GoMLX has no gradient of a While; ours is the one that the scan registered.
func init() { graph.VJPRegistration[graph.NodeTypeWhile] = whileVJP }

func whileVJP(node *graph.Node, v []*graph.Node, _ shapes.Shape) []*graph.Node {
	fn, ok := registryOf(node.Graph()).gradients[node]
	if !ok {
		panic(errorf("a While has no gradient, nor has the gradient of a scan: scan with nn.Scan, and differentiate once; steps that are written out (nn.UnrollAlways) can be differentiated again"))
	}
	return fn(v)
}

// scanLoop is a scan as a loop, with its gradient: another loop, in the other direction.
//
// The gradient of one step is built beside the step itself. What it needs of the step's values is stacked by the loop forward, and
// read by the loop back (with recompute, the state at the step's beginning alone, from which it computes the others again).
// Unless a gradient is asked for, nothing reads the stacks, and XLA drops them.
func scanLoop(s step, length int, reverse, recompute bool, init, xs []*graph.Node) (final, ys []*graph.Node) {
	forward := newLoop(s, length, reverse)
	var back *backStep
	failure := exceptions.TryCatch[error](func() { back = newBackStep(forward, recompute) })

	outputs := len(s.output)
	if back != nil {
		s.output = slices.Concat(s.output, back.saved)
		forward = newLoop(s, length, reverse) // what it uses is found in the same order, and perhaps more
	}
	out := forward.run(init, xs)
	registryOf(s.g).gradients[out.while] = func(v []*graph.Node) []*graph.Node {
		if failure != nil {
			panic(errorf("the body of a scan: %w", failure))
		}
		return back.run(forward, xs, out.ys[outputs:], v[1:1+len(init)], v[1+len(init):1+len(init)+outputs])
	}
	return out.final, out.ys[:outputs:outputs]
}

// backStep is the gradient of one step of a loop.
type backStep struct {
	step                        // its state: the gradients of the forward state, then those of what the step uses, summed so far
	carries, inputs, uses []int // which of the forward step's have a gradient
	outputs               []int
	saved                 []*graph.Node // what it needs of the forward step, to be stacked
}

func newBackStep(l *loop, recompute bool) *backStep {
	b := &backStep{carries: floats(l.carry), inputs: floats(l.input), uses: floats(l.uses), outputs: floats(l.output)}
	forward := l.step
	uses := pick(l.uses, b.uses)
	if dependent(uses) {
		// The gradient of one would go on to the other, and be counted there a second time.
		known := map[*graph.Node]*graph.Node{l.number: l.number}
		for _, n := range slices.Concat(l.carry, l.input) {
			known[n] = n
		}
		for i, n := range uses {
			uses[i] = detached(n)
			known[n] = uses[i]
		}
		for _, n := range l.uses {
			if known[n] == nil {
				known[n] = n
			}
		}
		results := copies(slices.Concat(l.nextCarry, l.output), known)
		forward.nextCarry, forward.output = results[:len(l.nextCarry)], results[len(l.nextCarry):]
	}

	end := detached(l.number).Id() // the gradient's own nodes come after
	var dNext, dY []*graph.Node
	loss := graph.ScalarZero(l.g, dtypes.Float32)
	weigh := func(n *graph.Node) *graph.Node {
		d := detached(graph.ZerosLike(n))
		loss = graph.Add(loss, graph.ConvertDType(graph.ReduceAllSum(graph.Mul(n, d)), dtypes.Float32))
		return d
	}
	for _, n := range pick(forward.nextCarry, b.carries) {
		dNext = append(dNext, weigh(n))
	}
	for _, n := range pick(forward.output, b.outputs) {
		dY = append(dY, weigh(n))
	}
	wrt := slices.Concat(pick(l.carry, b.carries), pick(l.input, b.inputs), uses)
	grads := graph.Gradient(loss, wrt...)
	dCarry, dX, dUses := slices.Clip(grads[:len(b.carries)]), grads[len(b.carries):len(b.carries)+len(b.inputs)], grads[len(b.carries)+len(b.inputs):]

	b.step = step{g: l.g, lastOutside: l.lastOutside, number: l.number, carry: slices.Clone(dNext), nextCarry: dCarry, output: dX}
	for _, d := range dUses {
		sum := detached(graph.ZerosLike(d))
		b.carry = append(b.carry, sum)
		b.nextCarry = append(b.nextCarry, graph.Add(sum, d))
	}
	b.saved = b.needs(l, end, slices.Concat(dNext, dY), recompute)
	b.input = slices.Concat(l.input, b.saved, dY)
	return b
}

// needs lists the forward step's values, nodes up to end, that the gradient is computed from, those that are worth keeping.
func (b *backStep) needs(l *loop, end graph.NodeId, standIns []*graph.Node, recompute bool) []*graph.Node {
	known := map[*graph.Node]bool{l.number: true}
	for _, n := range slices.Concat(standIns, l.input, b.carry) {
		known[n] = true
	}
	isCarry := map[*graph.Node]bool{}
	for _, n := range l.carry {
		isCarry[n] = true
	}
	var list []*graph.Node
	seen := map[*graph.Node]bool{}
	var visit func(*graph.Node)
	visit = func(n *graph.Node) {
		if known[n] || seen[n] {
			return
		}
		seen[n] = true
		keep := n.Id() <= end && l.variant(n) && !recompute && !cheaperComputed(n) && n.NumOutputs() == 1 && n.DType().IsFloat()
		if isCarry[n] || keep {
			list = append(list, n)
			return
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	for _, n := range slices.Concat(b.nextCarry, b.output) {
		visit(n)
	}
	return list
}

// cheaperComputed tells of a value of the forward step that costs less to compute again than to keep.
func cheaperComputed(n *graph.Node) bool {
	switch n.Type() {
	case graph.NodeTypeTranspose, graph.NodeTypeNeg, graph.NodeTypeConvertDType, graph.NodeTypeSlice:
		return true
	}
	return cheaperCopied(n)
}

// run puts the loop back into the graph and returns the gradients of all of the forward While's state.
func (b *backStep) run(forward *loop, xs, saved, dFinal, dYs []*graph.Node) []*graph.Node {
	init := pick(dFinal, b.carries)
	for _, n := range b.carry[len(b.carries):] {
		init = append(init, graph.ZerosLike(n))
	}
	inputs := slices.Concat(xs, saved, pick(dYs, b.outputs))
	out := newLoop(b.step, forward.length, !forward.reverse).run(init, inputs)

	d := append([]*graph.Node{nil}, spread(out.final[:len(b.carries)], b.carries, len(forward.carry))...)
	d = append(d, make([]*graph.Node, len(forward.output))...)
	d = append(d, spread(out.ys, b.inputs, len(forward.input))...)
	return append(d, spread(out.final[len(b.carries):], b.uses, len(forward.uses))...)
}

// floats lists the places of the nodes that can have a gradient.
func floats(nodes []*graph.Node) []int {
	var places []int
	for i, n := range nodes {
		if n.DType().IsFloat() && n.Type() != graph.NodeTypeConstant && !n.StopGradient() {
			places = append(places, i)
		}
	}
	return places
}

func pick(nodes []*graph.Node, places []int) []*graph.Node {
	list := make([]*graph.Node, len(places))
	for i, p := range places {
		list[i] = nodes[p]
	}
	return list
}

func spread(nodes []*graph.Node, places []int, n int) []*graph.Node {
	list := make([]*graph.Node, n)
	for i, p := range places {
		list[p] = nodes[i]
	}
	return list
}

// dependent tells whether one of the nodes is computed from another.
func dependent(nodes []*graph.Node) bool {
	is := map[*graph.Node]bool{}
	for _, n := range nodes {
		is[n] = true
	}
	seen := map[*graph.Node]bool{}
	var below func(*graph.Node) bool
	below = func(n *graph.Node) bool {
		for _, in := range n.Inputs() {
			if is[in] {
				return true
			}
			if !seen[in] {
				seen[in] = true
				if below(in) {
					return true
				}
			}
		}
		return false
	}
	for _, n := range nodes {
		if below(n) {
			return true
		}
	}
	return false
}
