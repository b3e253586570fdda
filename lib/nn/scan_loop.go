package nn

import (
	"reflect"
	"slices"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// A While's closures can use nothing from outside: XLA's wrapper refuses most operations between a closure's values and its
// parent's, and GoMLX keeps one node a graph for each constant and variable, which belongs to the function that asked first. So a
// step is built once outside, from stand-ins, and copied node by node into the closure, where the loop's values take the stand-ins'
// place and everything else that it uses comes in through the loop's state.

// step is one step of a loop as built outside: what stands in for the loop's values, and what is computed from them.
type step struct {
	g                 *graph.Graph
	lastOutside       graph.NodeId // nodes up to here were there before the step was built
	number            *graph.Node  // the step's, from 0 on
	carry, input      []*graph.Node
	nextCarry, output []*graph.Node

	varies map[*graph.Node]bool // memory of variant
}

// loop is a step with a direction and a length.
type loop struct {
	step
	length  int
	reverse bool
	guarded bool          // continues only while the first value of the state is true
	uses    []*graph.Node // what doesn't change from step to step, as the body's constants, parameters and what is made of them
}

// detached is another node of the same value, whose gradient goes no further: it stands in for what a loop gives.
func detached(n *graph.Node) *graph.Node {
	d := graph.IdentityWithCustomGradient(graph.StopGradient(n), func(_, v *graph.Node) *graph.Node { return v })
	registryOf(n.Graph()).standIns[d] = true
	return d
}

// newLoop finds what the step uses from outside.
func newLoop(s step, length int, reverse bool) *loop {
	s.varies = map[*graph.Node]bool{s.number: true}
	for _, n := range slices.Concat(s.carry, s.input) {
		s.varies[n] = true
	}
	l := &loop{step: s, length: length, reverse: reverse}
	seen := map[*graph.Node]bool{}
	var visit func(*graph.Node)
	visit = func(n *graph.Node) {
		if seen[n] || l.standIn(n) {
			return
		}
		seen[n] = true
		if !l.variant(n) && !cheaperCopied(n) {
			l.uses = append(l.uses, n)
			return
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	for _, n := range slices.Concat(s.nextCarry, s.output) {
		visit(n)
	}
	return l
}

func (s *step) standIn(n *graph.Node) bool {
	for _, list := range [][]*graph.Node{{s.number}, s.carry, s.input} {
		for _, other := range list {
			if n == other {
				return true
			}
		}
	}
	return false
}

// variant tells whether a node changes from step to step.
func (s *step) variant(n *graph.Node) bool {
	known, ok := s.varies[n]
	if ok {
		return known
	}
	if n.Id() > s.lastOutside {
		for _, in := range n.Inputs() {
			if s.variant(in) {
				known = true
				break
			}
		}
	}
	s.varies[n] = known
	return known
}

// cheaperCopied tells of a node that costs less to make again in each step than to bring in.
func cheaperCopied(n *graph.Node) bool {
	switch n.Type() {
	case graph.NodeTypeBroadcastInDim, graph.NodeTypeReshape, graph.NodeTypeIota, graph.NodeTypeIdentity:
		return !n.StopGradient() && !registryOf(n.Graph()).standIns[n] // a loop around this one gives it, and copied it would be what it stands on
	}
	return false
}

// copies copies nodes into the current function. known has the nodes that are there already, under those that they stand for.
func copies(nodes []*graph.Node, known map[*graph.Node]*graph.Node) []*graph.Node {
	var one func(*graph.Node) *graph.Node
	one = func(n *graph.Node) *graph.Node {
		if c, ok := known[n]; ok {
			return c
		}
		inputs := make([]*graph.Node, len(n.Inputs()))
		for i, in := range n.Inputs() {
			inputs[i] = one(in)
		}
		var c *graph.Node
		switch n.Type() {
		case graph.NodeTypeWhile:
			c = copyLoop(n, inputs)
		case graph.NodeTypeSort: // of TopK
			c = sortDown(inputs[0], inputs[1])[0].Inputs()[0]
		default:
			c = n.CloneWithInputs(inputs...)
		}
		if c.Type() == graph.NodeTypeBroadcastInDim && !hasSlices(c.Graph()) {
			// compute v0.1.3's pure-Go backend takes a broadcast's operand in its place after it has counted a closure's uses.
			c = graph.Identity(c)
		}
		known[n] = c
		return c
	}
	list := make([]*graph.Node, len(nodes))
	for i, n := range nodes {
		list[i] = one(n)
	}
	return list
}

// looped is a loop that stands in the graph.
type looped struct {
	final, ys []*graph.Node
	while     *graph.Node
}

// run puts the loop into the graph.
func (l *loop) run(init, xs []*graph.Node) looped {
	state := []*graph.Node{graph.Scalar(l.g, dtypes.Int32, 0)}
	state = append(state, init...)
	for _, n := range l.output {
		state = append(state, graph.Zeros(l.g, shapes.Make(n.DType(), append([]int{l.length}, n.Shape().Dimensions...)...)))
	}
	state = append(state, xs...)
	state = append(state, l.uses...)
	all := l.build(state)
	out := looped{final: all[1 : 1+len(init)], ys: all[1+len(init) : 1+len(init)+len(l.output)], while: all[0].Inputs()[0]}
	if !hasSlices(l.g) {
		// compute v0.1.3's pure-Go backend fails on a loop whose last output nothing asks for.
		for i, n := range all[1 : 1+len(init)+len(l.output)] {
			all[1+i] = graph.SchedulingBarrier(n, all[len(all)-1])
		}
	}
	registryOf(l.g).loops[out.while] = l
	return out
}

// build makes the While in the current function. Its state is the number of steps done, the scan's state, the outputs so far, the
// inputs, and what the body uses from outside; the last two go through unchanged.
func (l *loop) build(state []*graph.Node) []*graph.Node {
	carries, outputs, inputs := len(l.carry), len(l.output), len(l.input)
	body := newClosure(l.g, func() []*graph.Node {
		p := parameters(l.g, state)
		done, carry, rest := p[0], p[1:1+carries], p[1+carries:]
		ys, xs, uses := rest[:outputs], rest[outputs:outputs+inputs], rest[outputs+inputs:]

		t := done
		if l.reverse {
			t = graph.Sub(constant(l.g, l.length-1), done)
		}
		known := map[*graph.Node]*graph.Node{l.number: t}
		for i, n := range l.carry {
			known[n] = carry[i]
		}
		for i, n := range l.input {
			known[n] = dynamicGet(xs[i], t)
		}
		for i, n := range l.uses {
			known[n] = uses[i]
		}
		results := copies(slices.Concat(l.nextCarry, l.output), known)
		next := append([]*graph.Node{graph.Add(done, constant(l.g, 1))}, results[:carries]...)
		for i, n := range results[carries:] {
			next = append(next, dynamicSet(ys[i], n, t))
		}
		return append(append(next, xs...), uses...)
	})
	cond := newClosure(l.g, func() []*graph.Node {
		p := parameters(l.g, state)
		more := graph.LessThan(p[0], constant(l.g, l.length))
		if l.guarded {
			more = graph.LogicalAnd(more, p[1])
		}
		return []*graph.Node{more}
	})
	return graph.While(cond, body, state...)
}

// copyLoop copies a While of ours; inputs are its state.
func copyLoop(while *graph.Node, inputs []*graph.Node) *graph.Node {
	l, ok := registryOf(while.Graph()).loops[while]
	if !ok {
		panic(errorf("a While inside a scan: write it as a nn.Scan"))
	}
	return l.build(inputs)[0].Inputs()[0]
}

// registry knows the loops of a graph.
type registry struct {
	loops     map[*graph.Node]*loop
	gradients map[*graph.Node]func(v []*graph.Node) []*graph.Node
	standIns  map[*graph.Node]bool
}

type registryKey struct{}

func registryOf(g *graph.Graph) *registry {
	r, ok := g.State(registryKey{}).(*registry)
	if !ok {
		r = &registry{map[*graph.Node]*loop{}, map[*graph.Node]func(v []*graph.Node) []*graph.Node{}, map[*graph.Node]bool{}}
		g.AttachState(registryKey{}, r)
	}
	return r
}

// constant makes an integer in the current function; [graph.Scalar] may answer with one of another function.
func constant(g *graph.Graph, i int) *graph.Node {
	return graph.ConstTensor(g, tensors.FromValue(int32(i)))
}

// parameters declares a closure's parameters, shaped as nodes. XLA wants other names in a closure than around it.
func parameters(g *graph.Graph, nodes []*graph.Node) []*graph.Node {
	list := make([]*graph.Node, len(nodes))
	for i, n := range nodes {
		list[i] = graph.Parameter(g, g.UniqueName("state"), n.Shape())
	}
	return list
}

// dynamicGet picks step t, known when the graph runs. The pure-Go backend has no dynamic slices, but it gathers.
func dynamicGet(x, t *graph.Node) *graph.Node {
	if !hasSlices(x.Graph()) {
		return graph.Gather(x, graph.InsertAxes(t, 0))
	}
	dims := x.Shape().Clone().Dimensions
	dims[0] = 1
	return graph.Reshape(graph.DynamicSlice(x, starts(x, t), dims), dims[1:]...)
}

// dynamicSet puts value in the place of step t, which is zero so far.
func dynamicSet(all, value, t *graph.Node) *graph.Node {
	if !hasSlices(all.Graph()) {
		return graph.ScatterSum(all, graph.Reshape(t, 1, 1), graph.InsertAxes(value, 0), true, true)
	}
	return graph.DynamicUpdateSlice(all, graph.InsertAxes(value, 0), starts(all, t))
}

func hasSlices(g *graph.Graph) bool {
	return g.Backend().Capabilities().Operations[compute.OpTypeDynamicSlice]
}

func starts(x, t *graph.Node) []*graph.Node {
	list := []*graph.Node{t}
	for len(list) < x.Rank() {
		list = append(list, constant(x.Graph(), 0))
	}
	return list
}

// newClosure makes a closure of the current function, past two faults of the libraries beneath (the tests of nested scans tell when
// they are mended): GoMLX v0.28.3 makes all closures children of the main function, and its backends then refuse those of a loop
// inside a loop; go-xla v0.4.2 keeps one function for each kind of reduction, which belongs to the closure that asked first.
func newClosure(g *graph.Graph, define func() []*graph.Node) *graph.Function {
	parent := g.CurrentFunc()
	forgetReductions(parent)
	defer forgetReductions(parent)
	return graph.NewClosure(g, func(g *graph.Graph) []*graph.Node {
		if !parent.IsMain() {
			inner, err := backendFunc(parent).Interface().(compute.Function).Closure()
			if err != nil {
				panic(errorf("making a loop inside a loop: %w", err))
			}
			field := backendFunc(g.CurrentFunc())
			abandon(field.Interface().(compute.Function))
			field.Set(reflect.ValueOf(inner))
		}
		return define()
	})
}

// abandon ends a closure that nothing will call; XLA's wrapper takes no empty ones.
func abandon(f compute.Function) {
	nothing, err := f.Constant([]int32{0})
	if err == nil {
		err = f.Return([]compute.Value{nothing}, nil)
	}
	if err != nil {
		panic(errorf("making a loop inside a loop: %w", err))
	}
}

func backendFunc(f *graph.Function) reflect.Value {
	field, ok := unexported(reflect.ValueOf(f), "backendFunc")
	if !ok || field.Type() != reflect.TypeFor[compute.Function]() {
		panic(errorf("a loop doesn't work with this version of GoMLX: graph.Function has no field backendFunc any more"))
	}
	return field
}

// forgetReductions does nothing where the backend remembers none.
func forgetReductions(f *graph.Function) {
	builder, ok := unexported(reflect.ValueOf(backendFunc(f).Interface()), "builder")
	if !ok {
		return
	}
	if cache, ok := unexported(builder, "cacheReductions"); ok && cache.Kind() == reflect.Map {
		cache.Clear()
	}
}

// unexported reaches a field of a struct behind a pointer.
func unexported(pointer reflect.Value, name string) (reflect.Value, bool) {
	if pointer.Kind() != reflect.Pointer || pointer.Elem().Kind() != reflect.Struct {
		return reflect.Value{}, false
	}
	field := pointer.Elem().FieldByName(name)
	if !field.IsValid() {
		return reflect.Value{}, false
	}
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem(), true
}
