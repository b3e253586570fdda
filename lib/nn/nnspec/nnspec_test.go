package nnspec_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
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
	g := &given{net: net, training: c.Mode == "train", wants: c.Expected.Names()}
	var args []any
	for _, name := range c.Inputs.Names() {
		g.names, args = append(g.names, name), append(args, c.Input(t, name))
	}
	exec, err := model.NewExec(b, store, g.graph)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	values, err := exec.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range g.outputs {
		if slices.Contains(g.wants, name) {
			c.Check(t, name, values[i])
		}
	}
	for _, name := range g.wants {
		if !slices.Contains(g.outputs, name) {
			t.Errorf("%s is missing", name)
		}
	}
}

// given is a case with the names of the tensors that it is given, of those that are wanted and, once its graph is built, of the outputs.
type given struct {
	net                   nnspec.Case
	training              bool
	names, wants, outputs []string
}

// graph gives all that a case can be asked for: outputs, gradients, second derivatives, buffers.
func (c *given) graph(s *model.Scope, tensors []*graph.Node) []*graph.Node {
	g := tensors[0].Graph()
	s.Store().SetTraining(g, c.training)
	in := make([]*graph.Node, len(c.net.Inputs))
	cotangents := map[string]*graph.Node{}
	for i, name := range c.names {
		if output, ok := strings.CutPrefix(name, "cotangent."); ok {
			cotangents[output] = tensors[i]
		} else if at := slices.Index(c.net.Inputs, name); at >= 0 {
			in[at] = tensors[i]
		} else {
			panic(fmt.Errorf("%s is no input: there are %v", name, c.net.Inputs))
		}
	}
	if at := slices.Index(in, nil); at >= 0 && at < c.net.Required {
		panic(fmt.Errorf("%s is missing", c.net.Inputs[at]))
	}
	c.outputs = nil
	var list []*graph.Node
	put := func(name string, x *graph.Node) { c.outputs, list = append(c.outputs, name), append(list, x) }

	loss := graph.Const(g, float32(0))
	for name, y := range c.net.Forward(s, in) {
		put(name, y)
		if v := cotangents[name]; v != nil {
			loss = graph.Add(loss, graph.ReduceAllSum(graph.Mul(y, v)))
		}
	}
	if len(cotangents) == 0 {
		return list
	}
	var names []string
	var wrt []*graph.Node
	layout := map[string]*nn.Param{}
	for i, name := range c.net.Inputs {
		if in[i] != nil && in[i].DType().IsFloat() && slices.Contains(c.wants, "grad_in."+name) {
			names, wrt = append(names, "grad_in."+name), append(wrt, in[i])
		}
	}
	inputs := len(wrt)
	for name, p := range nn.Params(c.net.Net) {
		if p.Buffer {
			put("state."+name, inFile(p, p.Node(s, g)))
		} else {
			names, wrt = append(names, "grad."+name), append(wrt, p.Node(s, g))
			layout["grad."+name] = p
		}
	}
	file := func(name string, x *graph.Node) *graph.Node {
		if p := layout[name]; p != nil {
			return inFile(p, x)
		}
		return x
	}
	grads := graph.Gradient(loss, wrt...)
	for i, name := range names {
		put(name, file(name, grads[i]))
	}
	if !slices.ContainsFunc(c.wants, func(name string) bool { return strings.HasPrefix(name, "second.") }) {
		return list
	}
	squares := graph.Const(g, float32(0))
	for _, grad := range grads[:inputs] {
		squares = graph.Add(squares, graph.ReduceAllSum(graph.Square(grad)))
	}
	for i, grad := range graph.Gradient(squares, wrt...) {
		put("second."+names[i], file(names[i], grad))
	}
	return list
}
