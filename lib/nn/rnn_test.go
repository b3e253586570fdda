package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/backend/backendtest"
)

// recurrentCase is one of testdata/make_recurrent.py: 3 sequences of at most 5 steps, input size 3, hidden size 4. The loss is
// Σ sin(y) + Σ last².
type recurrentCase struct {
	Cell    string
	Options struct {
		Layers        int `json:"num_layers"`
		Bidirectional bool
		BatchFirst    bool `json:"batch_first"`
		Bias          *bool
	}
	Lengths []int32
	Printed string
	X       []float32
	State   [][]float32
	Params  map[string][]float32
	Y       []float32
	Last    [][]float32
	Grad    struct {
		X      []float32
		State  [][]float32
		Params map[string][]float32
	}
}

func (c recurrentCase) layer(unroll Unroll) *Recurrent {
	cells := map[string]Cell{"tanh": TanhCell, "relu": ReLUCell, "lstm": LSTMCell, "gru": GRUCell}
	return NewRecurrent(RecurrentConfig{
		Cell: cells[c.Cell], Input: 3, Hidden: 4, Layers: c.Options.Layers, Bidirectional: c.Options.Bidirectional,
		BatchFirst: c.Options.BatchFirst, NoBias: c.Options.Bias != nil && !*c.Options.Bias, Unroll: unroll,
	})
}

func TestRecurrent(t *testing.T) {
	text, err := os.ReadFile("testdata/recurrent.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []recurrentCase }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for i, c := range file.Cases {
			t.Run(fmt.Sprintf("%d %s", i, c.Printed), func(t *testing.T) {
				layer := Name(c.layer(UnrollNever))
				if got := layer.String(); got != c.Printed {
					t.Errorf("printed as %s", got)
				}
				c.check(t, b, layer)
				if c.Lengths != nil { // whatever stands in the padding
					c.X = slices.Clone(c.X)
					for row, n := range c.Lengths {
						for step := n; step < 5; step++ {
							at := 3*int32(row) + 9*step
							if c.Options.BatchFirst {
								at = 15*int32(row) + 3*step
							}
							for i := range int32(3) {
								c.X[at+i] = float32(math.NaN())
							}
						}
					}
					c.check(t, b, layer)
				}
				if strings.Contains(t.Name(), "/go/") { // the other forms have nothing of a backend's own
					c.check(t, b, Name(c.layer(UnrollAlways)))
					for _, unroll := range []Unroll{UnrollShort, UnrollNever} {
						segments := c.layer(unroll)
						segments.Segment = 2
						c.check(t, b, Name(segments))
					}
				}
			})
		}
	})
}

func (c recurrentCase) check(t *testing.T, b compute.Backend, layer *Recurrent) {
	t.Helper()
	store := model.NewStore()
	var params []*Param
	var paths []string
	for path, p := range Params(layer) {
		if _, err := store.RootScope().CreateVariable(path, tensors.FromFlatDataAndDimensions(c.Params[path], p.Shape...)); err != nil {
			t.Fatal(err)
		}
		params, paths = append(params, p), append(paths, path)
	}
	runs := len(c.State[0]) / 12
	args := []any{tensors.FromFlatDataAndDimensions(c.X, 5, 3, 3)}
	if c.Options.BatchFirst {
		args = []any{tensors.FromFlatDataAndDimensions(c.X, 3, 5, 3)}
	}
	for _, s := range c.State {
		args = append(args, tensors.FromFlatDataAndDimensions(s, runs, 3, 4))
	}
	want := append([][]float32{c.Y}, c.Last...)
	want = append(append(want, c.Grad.X), c.Grad.State...)
	for _, path := range paths {
		want = append(want, c.Grad.Params[path])
	}
	stepwise := !layer.Bidirectional && c.Lengths == nil
	if stepwise {
		want = append(append(want, c.Y), c.Last...)
	}
	exec, err := model.NewExec(b, store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		g := in[0].Graph()
		state := RecurrentState{H: in[1]}
		if len(in) == 3 {
			state.C = in[2]
		}
		var lengths *graph.Node
		if c.Lengths != nil {
			lengths = graph.Const(g, c.Lengths)
		}
		y, last := layer.Forward(s, in[0], state, lengths)
		out := []*graph.Node{y, last.H}
		loss := graph.Add(graph.ReduceAllSum(graph.Sin(y)), graph.ReduceAllSum(graph.Square(last.H)))
		if last.C != nil {
			out = append(out, last.C)
			loss = graph.Add(loss, graph.ReduceAllSum(graph.Square(last.C)))
		}
		wrt := in
		for _, p := range params {
			wrt = append(wrt, p.Node(s, g))
		}
		out = append(out, graph.Gradient(loss, wrt...)...)
		if stepwise {
			y, last = steps(s, layer, in[0], state)
			for _, n := range []*graph.Node{y, last.H, last.C} {
				if n != nil {
					out = append(out, n)
				}
			}
		}
		return out
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	out, err := exec.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		got := tensors.MustCopyFlatData[float32](out[i])
		if len(got) != len(w) {
			t.Fatalf("result %d has %d values, PyTorch's %d", i, len(got), len(w))
		}
		for j := range w {
			if !(math.Abs(float64(got[j]-w[j])) <= 1e-5*(1+math.Abs(float64(w[j])))) { // NaN is none
				t.Errorf("result %d (output, last state, gradients, and by steps): value %d is %g, PyTorch's %g", i, j, got[j], w[j])
				break
			}
		}
	}
}

// steps is Forward by Project and Step.
func steps(s *model.Scope, r *Recurrent, x *graph.Node, state RecurrentState) (y *graph.Node, last RecurrentState) {
	time := 0
	if r.BatchFirst {
		time = 1
	}
	var ys []*graph.Node
	for t := range x.Shape().Dim(time) {
		axes := []graph.SliceAxisSpec{graph.AxisRange(), graph.AxisRange()}
		axes[time] = graph.AxisElem(t)
		var out *graph.Node
		out, state = r.Step(s, r.Project(s, graph.Squeeze(graph.Slice(x, axes...), time)), state)
		ys = append(ys, out)
	}
	return graph.Stack(ys, time), state
}

// TestRecurrentDropout sees what the second layer gets: its weights make it pass on its input, which is the first layer's output with
// half of it dropped and the rest doubled. The last layer's own output isn't dropped, and nothing is where nothing trains.
func TestRecurrentDropout(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		const steps, batch, size = 7, 5, 8
		layer := Name(NewRecurrent(RecurrentConfig{Cell: ReLUCell, Input: size, Hidden: size, Layers: 2, Dropout: 0.5, NoBias: true}))
		for path, p := range Params(layer) {
			p.Init = func(_ *rand.Rand, values []float32) {
				for i := range values {
					values[i] = 0
					if strings.HasPrefix(path, "weight_ih") && i%(size+1) == 0 {
						values[i] = 1
					}
				}
			}
		}
		store := model.NewStore()
		if err := Create(store.RootScope(), layer, 1); err != nil {
			t.Fatal(err)
		}
		for _, training := range []bool{true, false} {
			exec, err := model.NewExec(b, store, func(s *model.Scope, x *graph.Node) *graph.Node {
				SeedGraph(s, graph.Const(x.Graph(), []uint32{1, 2}))
				s.Store().SetTraining(x.Graph(), training)
				y, _ := layer.Forward(s, x, layer.ZeroState(x.Graph(), batch), nil)
				return y
			})
			if err != nil {
				t.Fatal(err)
			}
			x := make([]float32, steps*batch*size)
			for i := range x {
				x[i] = 1 + float32(i)
			}
			out, err := exec.Call(tensors.FromFlatDataAndDimensions(x, steps, batch, size))
			exec.Finalize()
			if err != nil {
				t.Fatal(err)
			}
			dropped := 0
			for i, v := range tensors.MustCopyFlatData[float32](out[0]) {
				switch {
				case training && v == 0:
					dropped++
				case training && v != 2*x[i] || !training && v != x[i]:
					t.Fatalf("training %v: value %d is %g where the first layer gives %g", training, i, v, x[i])
				}
			}
			if training && (dropped < len(x)*2/5 || dropped > len(x)*3/5) {
				t.Errorf("%d of %d values were dropped, want about half", dropped, len(x))
			}
		}
	})
}

// TestRecurrentTwice asks a loop for second derivatives: it has none and says what has. TestSecondDerivatives has those of steps that are
// written out.
func TestRecurrentTwice(t *testing.T) {
	b, err := backend.New("go")
	if err != nil {
		t.Fatal(err)
	}
	layer := Name(NewRecurrent(RecurrentConfig{Cell: LSTMCell, Input: 2, Hidden: 3, Unroll: UnrollNever}))
	store := model.NewStore()
	if err := Create(store.RootScope(), layer, 1); err != nil {
		t.Fatal(err)
	}
	exec, err := model.NewExec(b, store, func(s *model.Scope, x *graph.Node) *graph.Node {
		y, _ := layer.Forward(s, x, layer.ZeroState(x.Graph(), 1), nil)
		d := graph.Gradient(graph.ReduceAllSum(graph.Square(y)), x)[0]
		return graph.Gradient(graph.ReduceAllSum(graph.Square(d)), x)[0]
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	if out, err := exec.Call(ramp(1, 4, 1, 2)); err == nil || !strings.Contains(err.Error(), "nn.UnrollAlways") {
		t.Errorf("want an error that names nn.UnrollAlways, got %v, %v", out, err)
	}
}

// BenchmarkLSTM is a training step's gradients. It tells the first call's time, which is nearly all compiling, too.
func BenchmarkLSTM(b *testing.B) {
	for _, size := range []struct{ batch, width, length int }{
		{5, 20, 15}, {32, 32, 8}, {32, 32, 15}, {8, 64, 15}, {32, 512, 8}, {32, 512, 16}, {32, 512, 32}, {32, 512, 128}, {32, 512, 512},
	} {
		for name, c := range map[string]RecurrentConfig{"loop": {Unroll: UnrollNever}, "unrolled": {Unroll: UnrollAlways}, "segments": {Unroll: UnrollNever, Segment: 16}} {
			if c.Unroll == UnrollAlways && size.length > 32 || c.Segment >= size.length {
				continue
			}
			b.Run(fmt.Sprintf("%dx%dx%d/%s", size.batch, size.width, size.length, name), func(b *testing.B) {
				benchmarkLSTM(b, size.batch, size.width, size.length, c)
			})
		}
	}
}

func benchmarkLSTM(b *testing.B, batch, width, length int, c RecurrentConfig) {
	xla, err := backend.New("xla:cpu")
	if err != nil {
		b.Skip(err)
	}
	c.Cell, c.Input, c.Hidden, c.BatchFirst = LSTMCell, width, width, true
	layer := Name(NewRecurrent(c))
	store := model.NewStore()
	if err := Create(store.RootScope(), layer, 1); err != nil {
		b.Fatal(err)
	}
	exec, err := model.NewExec(xla, store, func(s *model.Scope, x *graph.Node) []*graph.Node {
		y, _ := layer.Forward(s, x, layer.ZeroState(x.Graph(), batch), nil)
		wrt := []*graph.Node{x}
		for _, p := range Trained(layer) {
			wrt = append(wrt, p.Node(s, x.Graph()))
		}
		return graph.Gradient(graph.ReduceAllSum(graph.Square(y)), wrt...)
	})
	if err != nil {
		b.Fatal(err)
	}
	x := ramp(1, batch, length, width)
	began := time.Now()
	if _, err := exec.Call(x); err != nil {
		b.Fatal(err)
	}
	first := time.Since(began)
	for b.Loop() {
		out, err := exec.Call(x)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tensors.CopyFlatData[float32](out[len(out)-1]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(first.Seconds(), "s-first")
}
