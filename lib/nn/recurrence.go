package nn

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// recurrence is one layer's run over a sequence, with a gradient made for it: the loop forward keeps the gates, the loop back computes
// their gradient and the state's alone, and the weights' gradients are one large product each after it.
//
// Inside, the batch is the last axis: a step multiplies [gates·hidden, hidden] by [hidden, batch]. XLA on CPU does that in two
// thirds of the time of [batch, hidden] by [hidden, gates·hidden], and takes the weights as PyTorch keeps them.
type recurrence struct {
	cell     Cell
	scan     ScanConfig
	wIH, wHH *graph.Node // [gates·hidden, input], [gates·hidden, hidden]
	bIH, bHH *graph.Node // [gates·hidden]; nil without
	x        *graph.Node // [time, batch, input]
	init     []*graph.Node
	keep     *graph.Node // [time, 1, batch], 1 where a step counts and 0 elsewhere; nil where all count
}

// recurrence takes a run's parameters.
func (r *Recurrent) recurrence(s *model.Scope, p *recurrentRun, g *graph.Graph) *recurrence {
	q := &recurrence{cell: r.Cell, wIH: p.weightIH.Node(s, g), wHH: p.weightHH.Node(s, g)}
	if !r.NoBias {
		q.bIH, q.bHH = p.biasIH.Node(s, g), p.biasHH.Node(s, g)
	}
	return q
}

// run scans one layer in one direction. x: [time, batch, input], init: the state, each [batch, hidden], y: [time, batch, hidden].
func (r *Recurrent) run(s *model.Scope, p *recurrentRun, x *graph.Node, init []*graph.Node, valid *graph.Node, reverse bool) (y *graph.Node, final []*graph.Node) {
	q := r.recurrence(s, p, x.Graph())
	q.scan, q.x = ScanConfig{Reverse: reverse, Segment: r.Segment, Unroll: r.Unroll}, x
	q.init = allTransposed(init)
	if valid != nil {
		q.keep = transposed(graph.ConvertDType(valid, x.DType()))
	}
	y, final = q.forward()
	return transposed(y), allTransposed(final)
}

// forward gives y [time, hidden, batch] and the last state, each [hidden, batch].
func (q *recurrence) forward() (y *graph.Node, final []*graph.Node) {
	if q.scan.Segment > 0 { // what is saved is the scan's to choose
		final, ys := Scan(q.scan, q.init, q.inputs(transposed(q.x)), func(_ *graph.Node, state, in []*graph.Node) (next, y []*graph.Node) {
			in[0] = q.project(in[0])
			next, y = q.step(state, in)
			return next, y[:1]
		})
		return ys[0], final
	}
	c := q.scan
	c.NoGradient = true
	gx := withBias(graph.EinsumAxes(q.wIH, q.x, [][2]int{{1, 2}}, nil), q.bIH) // [gates·hidden, time, batch]
	final, ys := Scan(c, q.init, q.inputs(graph.Transpose(gx, 0, 1)), func(_ *graph.Node, state, in []*graph.Node) (next, y []*graph.Node) {
		return q.step(state, in)
	})

	// One node holds all that has a gradient: y, then the last state.
	all := []*graph.Node{ys[0]}
	for _, n := range final {
		all = append(all, graph.InsertAxes(n, 0))
	}
	inputs := slices.Concat([]*graph.Node{q.x, q.wIH, q.wHH}, q.init)
	if q.bIH != nil {
		inputs = append(inputs, q.bIH, q.bHH)
	}
	out := withGradient(graph.Concatenate(all, 0), inputs, onceForAll(func(v *graph.Node) []*graph.Node { return q.backward(v, ys) }))
	length := ys[0].Shape().Dim(0)
	for i := range final {
		final[i] = graph.Squeeze(graph.Slice(out, graph.AxisElem(length+i)), 0)
	}
	return graph.Slice(out, graph.AxisRange(0, length)), final
}

// project gives what inputs x, [input, batch], add to the gates, [gates·hidden, batch].
func (q *recurrence) project(x *graph.Node) *graph.Node {
	return withBias(graph.Dot(q.wIH, x).Product(), q.bIH)
}

// withBias adds a bias along the first axis; it may be nil.
func withBias(x, bias *graph.Node) *graph.Node {
	if bias == nil {
		return x
	}
	return graph.Add(x, graph.Reshape(bias, append([]int{-1}, slices.Repeat([]int{1}, x.Rank()-1)...)...))
}

// inputs is what a step reads: x, time first, and which steps count.
func (q *recurrence) inputs(x *graph.Node) []*graph.Node {
	xs := []*graph.Node{x}
	if q.keep != nil {
		xs = append(xs, q.keep)
	}
	return xs
}

// step gives the next state; y, the state that the step began with, and what the cell keeps for its gradient.
// in: what the input adds to the gates, [gates·hidden, batch], and maybe which texts count.
func (q *recurrence) step(state, in []*graph.Node) (next, y []*graph.Node) {
	next, kept := q.cell.step(in[0], withBias(graph.Dot(q.wHH, state[0]).Product(), q.bHH), state)
	out := next[0]
	if q.keep != nil {
		keep := graph.BroadcastToShape(in[1], out.Shape())
		for i := range next {
			next[i] = graph.Add(state[i], graph.Mul(keep, graph.Sub(next[i], state[i])))
		}
		out = graph.Mul(out, keep)
	}
	return next, slices.Concat([]*graph.Node{out}, state, kept)
}

// backward gives the gradients of x, the weights, the initial state and the biases, in this order, where v is that of y and the last
// state. saved is what the steps forward gave.
func (q *recurrence) backward(v *graph.Node, saved []*graph.Node) []*graph.Node {
	length, states := saved[0].Shape().Dim(0), len(q.init)
	init := make([]*graph.Node, states)
	for i := range init {
		init[i] = graph.Squeeze(graph.Slice(v, graph.AxisElem(length+i)), 0)
	}
	xs := slices.Concat([]*graph.Node{graph.Slice(v, graph.AxisRange(0, length))}, saved[1:])
	if q.keep != nil {
		xs = append(xs, q.keep)
	}
	wHH := transposed(q.wHH)
	c := q.scan
	c.Reverse, c.NoGradient = !c.Reverse, true
	first, ys := Scan(c, init, xs, func(_ *graph.Node, d, in []*graph.Node) (next, y []*graph.Node) {
		dY, before, kept := in[0], in[1:1+states], in[1+states:]
		direct := make([]*graph.Node, states) // past the steps that don't count
		if q.keep != nil {
			keep := graph.BroadcastToShape(in[len(in)-1], dY.Shape())
			kept = kept[:len(kept)-1]
			all := d
			d = make([]*graph.Node, states)
			for i, n := range all {
				d[i] = graph.Mul(keep, n)
				direct[i] = graph.Sub(n, d[i])
			}
			dY = graph.Mul(keep, dY)
		}
		d = slices.Concat([]*graph.Node{graph.Add(d[0], dY)}, d[1:])
		next, dGX, dGH := q.cell.stepGradient(d, before, kept)
		dH := graph.Dot(wHH, dGH).Product()
		if next[0] != nil {
			dH = graph.Add(dH, next[0])
		}
		next[0] = dH
		for i, n := range direct {
			if n != nil {
				next[i] = graph.Add(next[i], n)
			}
		}
		y = []*graph.Node{dGX}
		if dGH != dGX {
			y = append(y, dGH)
		}
		return next, y
	})
	dGX, dGH := graph.Transpose(ys[0], 0, 1), graph.Transpose(ys[len(ys)-1], 0, 1) // [gates·hidden, time, batch]
	grads := []*graph.Node{
		graph.EinsumAxes(dGX, q.wIH, [][2]int{{0, 0}}, nil),
		graph.EinsumAxes(dGX, q.x, [][2]int{{1, 0}, {2, 1}}, nil),
		graph.EinsumAxes(dGH, saved[1], [][2]int{{1, 0}, {2, 2}}, nil),
	}
	grads = append(grads, first...)
	if q.bIH != nil {
		// A product with ones: XLA would split a sum over steps that are written out into one for each.
		ones := graph.OnesLike(graph.Squeeze(graph.Slice(dGX, graph.AxisElem(0)), 0))
		sum := func(d *graph.Node) *graph.Node { return graph.EinsumAxes(d, ones, [][2]int{{1, 0}, {2, 1}}, nil) }
		grads = append(grads, sum(dGX), sum(dGH))
	}
	return grads
}

// step is a cell's equations. gx, gh: what input and state add to the gates, [gates·hidden, batch]. kept is what stepGradient needs.
func (c Cell) step(gx, gh *graph.Node, state []*graph.Node) (next, kept []*graph.Node) {
	h := state[0]
	switch c {
	case TanhCell:
		next = []*graph.Node{graph.Tanh(graph.Add(gx, gh))}
		return next, next[:1:1]
	case ReLUCell:
		next = []*graph.Node{(ReLU{}).Forward(nil, graph.Add(gx, gh))}
		return next, next[:1:1]
	case LSTMCell:
		p := split(graph.Add(gx, gh), 0, 4)
		i, f, g, o := graph.Sigmoid(p[0]), graph.Sigmoid(p[1]), graph.Tanh(p[2]), graph.Sigmoid(p[3])
		cell := graph.Add(graph.Mul(f, state[1]), graph.Mul(i, g))
		return []*graph.Node{graph.Mul(o, graph.Tanh(cell)), cell}, []*graph.Node{i, f, g, o}
	default: // GRUCell
		px, ph := split(gx, 0, 3), split(gh, 0, 3)
		r, z := graph.Sigmoid(graph.Add(px[0], ph[0])), graph.Sigmoid(graph.Add(px[1], ph[1]))
		n := graph.Tanh(graph.Add(px[2], graph.Mul(r, ph[2])))
		return []*graph.Node{graph.Add(n, graph.Mul(z, graph.Sub(h, n)))}, []*graph.Node{r, z, n, ph[2]}
	}
}

// stepGradient is the gradient of step. d: that of the next state; state, kept: what step began with and kept. dState leaves out what
// comes by way of gh: nil where that is all.
func (c Cell) stepGradient(d, state, kept []*graph.Node) (dState []*graph.Node, dGX, dGH *graph.Node) {
	dH := d[0]
	switch c {
	case TanhCell:
		a := graph.Mul(dH, tanhSlope(kept[0]))
		return []*graph.Node{nil}, a, a
	case ReLUCell:
		a := graph.Where(graph.GreaterThan(kept[0], graph.ZerosLike(dH)), dH, graph.ZerosLike(dH))
		return []*graph.Node{nil}, a, a
	case LSTMCell:
		i, f, g, o := kept[0], kept[1], kept[2], kept[3]
		tanh := graph.Tanh(graph.Add(graph.Mul(f, state[1]), graph.Mul(i, g)))
		dCell := graph.Add(d[1], graph.Mul(graph.Mul(dH, o), tanhSlope(tanh)))
		a := graph.Concatenate([]*graph.Node{
			graph.Mul(graph.Mul(dCell, g), sigmoidSlope(i)),
			graph.Mul(graph.Mul(dCell, state[1]), sigmoidSlope(f)),
			graph.Mul(graph.Mul(dCell, i), tanhSlope(g)),
			graph.Mul(graph.Mul(dH, tanh), sigmoidSlope(o)),
		}, 0)
		return []*graph.Node{nil, graph.Mul(dCell, f)}, a, a
	default: // GRUCell
		r, z, n, hidden := kept[0], kept[1], kept[2], kept[3]
		dN := graph.Mul(graph.Mul(dH, graph.OneMinus(z)), tanhSlope(n))
		dR := graph.Mul(graph.Mul(dN, hidden), sigmoidSlope(r))
		dZ := graph.Mul(graph.Mul(dH, graph.Sub(state[0], n)), sigmoidSlope(z))
		return []*graph.Node{graph.Mul(dH, z)},
			graph.Concatenate([]*graph.Node{dR, dZ, dN}, 0), graph.Concatenate([]*graph.Node{dR, dZ, graph.Mul(dN, r)}, 0)
	}
}

// tanhSlope and sigmoidSlope are the derivatives where the function's value is y.
func tanhSlope(y *graph.Node) *graph.Node    { return graph.OneMinus(graph.Square(y)) }
func sigmoidSlope(y *graph.Node) *graph.Node { return graph.Mul(y, graph.OneMinus(y)) }

// transposed swaps the last two axes.
func transposed(x *graph.Node) *graph.Node { return graph.Transpose(x, -2, -1) }

func allTransposed(list []*graph.Node) []*graph.Node {
	out := make([]*graph.Node, len(list))
	for i, n := range list {
		out[i] = transposed(n)
	}
	return out
}
