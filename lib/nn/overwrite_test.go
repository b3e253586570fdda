package nn

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/backend/backendtest"
)

// Two variables that take each other's value plus one and plus two, so that neither may be overwritten before it is read. One comes
// from the host, one lies in memory that it shares with the backend.
func TestOverwriteVariables(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		const n = 1 << 19 // large enough for lib/backend to keep the memory
		r := NewRunner("test", b)
		zeros := tensors.FromFlatDataAndDimensions(make([]float32, n), n)
		shared := tensors.FromFlatDataAndDimensions(make([]float32, n), n)
		if err := shared.MaterializeOnDevice(b, b.HasSharedBuffers(), 0); err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]*tensors.Tensor{"/x": zeros, "/y": shared} {
			if _, err := r.Store.CreateVariable(name, value); err != nil {
				t.Fatal(err)
			}
		}
		step := func(s *model.Scope, inputs []*graph.Node) []*graph.Node {
			vx, vy := s.Store().GetVariable("/x"), s.Store().GetVariable("/y")
			x, y := vx.NodeValue(inputs[0]), vy.NodeValue(inputs[0])
			vx.SetNodeValue(graph.AddScalar(y, 1))
			vy.SetNodeValue(graph.Add(graph.AddScalar(x, 1), inputs[0]))
			return []*graph.Node{graph.ReduceAllSum(graph.Sub(y, x))}
		}
		for i := range 21 { // after an even number of them both are half as often plus three
			out, err := r.Call(t.Context(), "step", step, float32(1))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := tensors.ToScalar[float32](out[0]), float32(n*(i%2)); got != want {
				t.Fatalf("step %d: %v, want %v", i, got, want)
			}
		}
		for name, want := range map[string]float32{"/x": 31, "/y": 32} {
			for i, got := range tensors.MustCopyFlatData[float32](r.Store.GetVariable(name).MustValue()) {
				if got != want {
					t.Fatalf("%s[%d] is %v, want %v", name, i, got, want)
				}
			}
		}
	})
}

// The attribute stands in go-xla's program; a variable that stays has none.
func TestProgramInput(t *testing.T) {
	b, err := backend.New("xla:cpu")
	if err != nil {
		t.Skip(err)
	}
	store := model.NewStore()
	for _, name := range []string{"/stays", "/first", "/second"} {
		if _, err := store.CreateVariable(name, tensors.FromValue([]float32{1, 2})); err != nil {
			t.Fatal(err)
		}
	}
	exec, err := model.NewExec(b, store, func(s *model.Scope, x *graph.Node) *graph.Node {
		g := x.Graph()
		for _, name := range []string{"/second", "/first"} {
			v := s.Store().GetVariable(name)
			v.SetNodeValue(graph.Add(v.NodeValue(g), s.Store().GetVariable("/stays").NodeValue(g)))
		}
		OverwriteVariables(s.Store(), g)
		for name, want := range map[string]any{"/stays": nil, "/first": int32(0), "/second": int32(1)} {
			input := programInput(g.GetParameterByName(name))
			if input == nil {
				t.Fatal("OverwriteVariables no longer finds the parameters of go-xla's program: programInput has to follow GoMLX")
			}
			if got := input.Attributes["tf.aliasing_output"]; got != want {
				t.Errorf("%s is overwritten by output %v, want %v", name, got, want)
			}
		}
		return x
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.Call(float32(0)); err != nil {
		t.Fatal(err)
	}
}
