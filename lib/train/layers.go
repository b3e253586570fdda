package train

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

const (
	mostLayers  = 20 // named apart
	leastRounds = 3  // of timing, of which the shortest counts
	mostRounds  = 30
	enoughTime  = 10 * time.Second // for more than the least
)

// profileLayers adds a table by layer to the profile, for a batch like the first. The context's end leaves it out.
func (l *loop) profileLayers(ctx context.Context, inputs []*tensors.Tensor) (err error) {
	defer l.profile.span(trainingTrack, "time the layers")()
	l.profile.layers, err = l.layerTimes(ctx, stepArgs(stepKey(l.job.Seed, l.step), inputs))
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// layerTimes says how long a step computes in each layer, on one device. XLA's CPU plugin has no profiler, and what XLA compiles has
// no layers any more. So the step is compiled up to the end of each, with the gradients that this much of it has, and a layer takes by
// how much that is longer than up to the layer before. All variables stay as they are.
func (l *loop) layerTimes(ctx context.Context, args []any) (string, error) {
	var execs []*model.Exec
	defer func() {
		for _, e := range execs {
			e.Finalize()
		}
	}()
	compile := func(layers int, named func(string)) error {
		e, err := model.NewExec(l.backend, l.job.Store, l.firstLayers(layers, named))
		if err != nil {
			return err
		}
		execs = append(execs, e)
		_, err = timeCall(ctx, e, args)
		return err
	}

	var names []string
	if err := compile(0, func(name string) { names = append(names, name) }); err != nil {
		return "", fmt.Errorf("timing the step: %w", err)
	}
	pieces := piecesOf(names)
	l.note(fmt.Sprintf("profile: timing the %d layers of a step", len(pieces)))
	for _, p := range pieces {
		if err := compile(p.end, func(string) {}); err != nil {
			return "", fmt.Errorf("timing the step up to %s: %w", p.name, err)
		}
	}
	shortest := make([]time.Duration, len(execs))
	for round, from := 0, time.Now(); round < leastRounds || round < mostRounds && time.Since(from) < enoughTime; round++ {
		for i, e := range execs {
			took, err := timeCall(ctx, e, args)
			if err != nil {
				return "", fmt.Errorf("timing the layers: %w", err)
			}
			shortest[i] = min(cmp.Or(shortest[i], took), took)
		}
	}
	return layerTable(pieces, shortest[1:], shortest[0]), nil
}

// timeCall runs a graph whose first result is of float32.
func timeCall(ctx context.Context, e *model.Exec, args []any) (time.Duration, error) {
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	from := time.Now()
	out, err := e.Call(args...)
	if err != nil {
		return 0, err
	}
	_, err = tensors.CopyFlatData[float32](out[0]) // is there when all are
	took := time.Since(from)
	for _, t := range out {
		err = cmp.Or(err, t.FinalizeAll())
	}
	return took, err
}

// firstLayers is the graph of the first layers of a step and their gradients; of the whole step if layers is 0. named is called with each layer's name.
func (l *loop) firstLayers(layers int, named func(name string)) func(*model.Scope, []*graph.Node) []*graph.Node {
	return func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
		g, store := inputs[0].Graph(), s.Store()
		var done, result []*graph.Node
		nn.Watch(s, g, func(at *model.Scope, layer any, y *graph.Node) {
			name := layerName(at, layer)
			if name == "" || y.Function() != inputs[0].Function() { // what is within a loop counts with what follows it
				return
			}
			named(name)
			if done = append(done, y); len(done) == layers {
				result = withGradients(store, g, done)
			}
		})
		metrics := l.metricsOf(s, inputs)
		if layers == 0 {
			result = append([]*graph.Node{metrics}, changed(store, g)...)
		}
		for v := range store.IterVariables() {
			if v.ChangedInGraph(g) {
				v.SetNodeValue(g.GetParameterByName(v.Path()))
			}
		}
		return result
	}
}

// changed are the new values of the variables that the graph has changed so far.
func changed(store *model.Store, g *graph.Graph) []*graph.Node {
	var values []*graph.Node
	for v := range store.IterVariables() {
		if v.ChangedInGraph(g) {
			values = append(values, v.NodeValue(g))
		}
	}
	return values
}

// withGradients is a loss made of the layers' results, its gradients, and what the graph has changed so far.
func withGradients(store *model.Store, g *graph.Graph, layers []*graph.Node) []*graph.Node {
	loss := graph.ScalarZero(g, dtypes.Float32)
	for _, y := range layers {
		loss = graph.Add(loss, graph.ConvertDType(graph.ReduceAllSum(graph.Square(y)), dtypes.Float32))
	}
	var weights []*graph.Node
	for v := range store.IterVariables() {
		if v.Trainable && v.InUseByGraph(g) {
			weights = append(weights, v.NodeValue(g))
		}
	}
	result := append([]*graph.Node{loss}, graph.Gradient(loss, weights...)...)
	return append(result, changed(store, g)...)
}

// layerName is the dotted path of a layer, by its first parameter; empty for one without parameters, which counts with the next.
func layerName(s *model.Scope, layer any) string {
	for _, p := range nn.Params(layer) {
		path := strings.ReplaceAll(strings.Trim(s.Scope()+"/"+p.Path(), "/"), "/", ".")
		return path[:max(0, strings.LastIndexByte(path, '.'))]
	}
	return ""
}

// piece is some layers of a step, one after the other.
type piece struct {
	name string
	end  int // layers of the step up to its end
}

// piecesOf joins layers that follow each other and whose names begin alike, as finely as mostLayers names allow.
func piecesOf(names []string) []piece {
	var pieces []piece
	for depth := 1; depth < 9; depth++ {
		var finer []piece
		distinct := map[string]bool{}
		for i, name := range names {
			parts := strings.Split(name, ".")
			name = strings.Join(parts[:min(depth, len(parts))], ".")
			distinct[name] = true
			if n := len(finer); n > 0 && finer[n-1].name == name {
				finer[n-1].end = i + 1
			} else {
				finer = append(finer, piece{name, i + 1})
			}
		}
		if depth > 1 && len(distinct) > mostLayers {
			break
		}
		pieces = finer
	}
	return pieces
}

// layerTable lists the layers in the order in which they run first. ends are the times up to the end of each piece, step is the whole's.
func layerTable(pieces []piece, ends []time.Duration, step time.Duration) string {
	ends = append(slices.Clone(ends), step)
	for i := len(ends) - 2; i >= 0; i-- {
		ends[i] = min(ends[i], ends[i+1]) // what is part of more can't take longer
	}
	type row struct {
		times int
		took  time.Duration
	}
	rows, order := map[string]*row{}, []string{}
	var before time.Duration
	for i, p := range append(slices.Clone(pieces), piece{name: "loss and update"}) {
		if rows[p.name] == nil {
			rows[p.name] = &row{}
			order = append(order, p.name)
		}
		rows[p.name].times++
		rows[p.name].took += ends[i] - before
		before = ends[i]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-34s %8s %10s %7s\n", "a step by layer, with gradients", "times", "ms", "share")
	for _, name := range order {
		r := rows[name]
		fmt.Fprintf(&b, "%-34s %8d %10.3f %6.1f%%\n", name, r.times, r.took.Seconds()*1e3, 100*r.took.Seconds()/step.Seconds())
	}
	fmt.Fprintf(&b, "%-34s %8s %10.3f\n", "the step", "", step.Seconds()*1e3)
	return b.String()
}
