package nnspec_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
	"genlab/lib/nn"
	"genlab/lib/nn/nnspec"
	"genlab/lib/torch"
	"genlab/lib/torch/torchtest"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

// TestFolder runs the cases of a folder that GENLAB_CASES names, laid out as tests/parity/cases are, whose models are ours.
func TestFolder(t *testing.T) {
	folder := os.Getenv("GENLAB_CASES")
	if folder == "" {
		t.Skip("GENLAB_CASES names no folder of cases")
	}
	folders, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		n := 0
		for _, folder := range folders {
			c := torchtest.Read(t, folder)
			if !slices.Contains(nnspec.IDs(), c.Model) {
				if strings.HasPrefix(c.Model, "torch.") {
					t.Errorf("%s: there is no %s", filepath.Base(folder), c.Model)
				}
				continue
			}
			n++
			t.Run(filepath.Base(folder), func(t *testing.T) { run(t, b, c) })
		}
		t.Logf("%d cases", n)
	})
}

// run holds a case's outputs, its buffers after them and the gradients of the sum of outputs times cotangents against PyTorch's.
func run(t *testing.T, b compute.Backend, c torchtest.Case) {
	t.Helper()
	net, err := nnspec.Open(c.Model, c.Config)
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	if err := torch.Load(store.RootScope(), net.Net, c.Weights, false); err != nil {
		t.Fatal(err)
	}
	var names []string // of all tensors given
	var args []any
	for _, name := range c.Inputs.Names() {
		names, args = append(names, name), append(args, c.Input(t, name))
	}
	for _, name := range names {
		if !slices.Contains(net.Inputs, name) && !strings.HasPrefix(name, "cotangent.") {
			t.Fatalf("%s isn't an input of %s, which takes %v", name, c.Model, net.Inputs)
		}
	}
	var outputs []string
	exec, err := model.NewExec(b, store, func(s *model.Scope, given []*graph.Node) []*graph.Node {
		g := given[0].Graph()
		s.Store().SetTraining(g, c.Mode == "train")
		nn.SeedGraph(s, graph.Const(g, []uint32{0, 0}))
		in := make([]*graph.Node, len(net.Inputs))
		for i, name := range net.Inputs {
			if at := slices.Index(names, name); at >= 0 {
				in[i] = given[at]
			} else if i < net.Required {
				panic(os.ErrNotExist)
			}
		}
		outputs = nil
		var list []*graph.Node
		put := func(name string, x *graph.Node) { outputs, list = append(outputs, name), append(list, x) }
		out := net.Forward(s, in)
		loss := graph.ScalarZero(g, given[0].DType())
		if !given[0].DType().IsFloat() {
			loss = graph.Const(g, float32(0))
		}
		for name, y := range out {
			put(name, y)
			if at := slices.Index(names, "cotangent."+name); at >= 0 {
				loss = graph.Add(loss, graph.ReduceAllSum(graph.Mul(y, given[at])))
			}
		}
		for name, p := range nn.Params(net.Net) {
			x := p.Node(s, g)
			if p.Buffer {
				put("state."+name, inFile(p, x))
			} else {
				put("grad."+name, inFile(p, graph.Gradient(loss, x)[0]))
			}
		}
		for i, name := range net.Inputs {
			if in[i] != nil && slices.Contains(c.Expected.Names(), "grad_in."+name) {
				put("grad_in."+name, graph.Gradient(loss, in[i])[0])
			}
		}
		return list
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	values, err := exec.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]*tensors.Tensor{}
	for i, name := range outputs {
		got[name] = values[i]
	}
	for _, name := range c.Expected.Names() {
		if got[name] == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		c.Check(t, name, got[name])
	}
}

// inFile puts a parameter, or its gradient, as a file has it.
func inFile(p *nn.Param, x *graph.Node) *graph.Node {
	if p.Perm == nil {
		return x
	}
	return graph.TransposeAllAxes(x, p.Perm...)
}
