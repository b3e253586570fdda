package spec

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/torch"
)

// Request is what is asked of a net or a step: to compute on tensors from files, with weights from PyTorch.
type Request struct {
	Config          Config
	Training        bool         // decides batch normalisation and dropout of a forward pass
	Partial         bool         // weights may be missing or unknown
	Warn            func(string) // is told which
	Weights, Inputs *torch.StateDict
	Backend         compute.Backend
}

// parts is a module of modules.
type parts []Part

// Children makes the scopes part of the parameters' names.
func (list parts) Children() []nn.Child {
	if len(list) == 1 && list[0].Scope == "" {
		return nn.Children(list[0].Module)
	}
	children := make([]nn.Child, len(list))
	for i, p := range list {
		children[i] = nn.Child{Name: p.Scope, Part: p.Module}
	}
	return children
}

// prefix is what a part's names begin with in a file.
func (p Part) prefix() string {
	if p.Scope == "" {
		return ""
	}
	return p.Scope + "."
}

// in is the part's scope in a store.
func (p Part) in(store *model.Store) *model.Scope {
	if p.Scope == "" {
		return store.RootScope()
	}
	return store.RootScope().At("%s", p.Scope)
}

// state adds the part's state_dict, as it stands in the store, to into, each name after before and the part's scope.
func (p Part) state(store *model.Store, into *torch.StateDict, before string) error {
	state, err := torch.Save(p.in(store), p.Module)
	if err != nil {
		return err
	}
	for _, name := range state.Names() {
		t, _ := state.Get(name)
		into.Set(before+p.prefix()+name, t)
	}
	return nil
}

// load makes a store with the request's weights in the parts.
func (r *Request) load(list []Part) (*model.Store, error) {
	diff := torch.Compare(parts(list), r.Weights)
	if err := diff.Err(r.Partial); err != nil {
		return nil, fmt.Errorf("--weights: %w", err)
	}
	if r.Partial && !diff.Empty() {
		r.Warn("--weights: " + diff.String())
	}
	store := model.NewStore()
	for _, p := range list {
		own := &torch.StateDict{}
		for _, name := range r.Weights.Names() {
			if rest, ok := strings.CutPrefix(name, p.prefix()); ok {
				t, _ := r.Weights.Get(name)
				own.Set(rest, t)
			}
		}
		if err := torch.LoadOnto(r.Backend, p.in(store), p.Module, own, r.Partial); err != nil {
			return nil, fmt.Errorf("--weights: %w", err)
		}
		if r.Partial { // what the file lacks, as PyTorch leaves it: fresh
			if err := nn.Create(p.in(store), p.Module, 1); err != nil {
				return nil, err
			}
		}
	}
	return store, nil
}

// Convert sends weights through a net and gives the net's.
func (r *Request) Convert(n Net) (*torch.StateDict, error) {
	pass, err := n.Open(r.Config)
	if err != nil {
		return nil, err
	}
	store, err := r.load([]Part{{"", pass.Net}})
	if err != nil {
		return nil, err
	}
	return torch.Save(store.RootScope(), pass.Net)
}

// call is a compiled graph from inputs to named outputs.
type call struct {
	exec  *model.Exec
	names []string
}

// compile prepares a graph of named outputs; it is made at the first call. The graph is fn's, too, for a pass without inputs.
func (r *Request) compile(store *model.Store, training bool, fn func(s *model.Scope, g *graph.Graph, in []*graph.Node) []output) (*call, error) {
	c := &call{}
	var err error
	c.exec, err = model.NewExec(r.Backend, store, func(s *model.Scope, in []*graph.Node) []*graph.Node {
		key := in[len(in)-1]
		s.Store().SetTraining(key.Graph(), training)
		nn.SeedGraph(s, key)
		var nodes []*graph.Node
		c.names = c.names[:0]
		for _, o := range fn(s, key.Graph(), in[:len(in)-1]) {
			c.names, nodes = append(c.names, o.name), append(nodes, o.node)
		}
		return nodes
	})
	return c, err
}

// output is a tensor that a graph gives.
type output struct {
	name string
	node *graph.Node
}

// run computes.
func (c *call) run(inputs []*tensors.Tensor) (map[string]*tensors.Tensor, error) {
	args := make([]any, 0, len(inputs)+1)
	for _, t := range inputs {
		args = append(args, t)
	}
	list, err := c.exec.Call(append(args, []uint32{0, 0})...)
	if err != nil {
		return nil, err
	}
	outputs := map[string]*tensors.Tensor{}
	for i, t := range list {
		outputs[c.names[i]] = t
	}
	return outputs, nil
}

// present leaves out what isn't given.
func present(inputs []*tensors.Tensor) []*tensors.Tensor {
	var list []*tensors.Tensor
	for _, t := range inputs {
		if t != nil {
			list = append(list, t)
		}
	}
	return list
}

// spread puts nodes in the places of the inputs that are given; nil stands for the others.
func spread(nodes []*graph.Node, inputs []*tensors.Tensor) []*graph.Node {
	all := make([]*graph.Node, len(inputs))
	for i, t := range inputs {
		if t != nil {
			all[i], nodes = nodes[0], nodes[1:]
		}
	}
	return all
}

// result gathers outputs for a file.
func result(outputs map[string]*tensors.Tensor) (*torch.StateDict, error) {
	all := &torch.StateDict{}
	for name, t := range outputs {
		value, err := torch.FromGoMLX(t)
		if err != nil {
			return nil, fmt.Errorf("output %s: %w", name, err)
		}
		all.Set(name, value)
	}
	return all, nil
}
