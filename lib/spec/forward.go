package spec

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/torch"
)

// cotangent is what the name of an input begins with that weighs an output: with such inputs a forward pass gives gradients, too.
const cotangent = "cotangent."

// Forward runs a net once. It gives the net's outputs, and the buffers after it as state.NAME. Inputs cotangent.OUTPUT ask for
// gradients of the sum of each such output times its cotangent: grad.NAME of the parameters, grad_in.NAME of the inputs that are floats;
// so does an output that is the pass's loss, for itself.
func (r *Request) Forward(n Net) (*torch.StateDict, error) {
	pass, err := n.Open(r.Config)
	if err != nil {
		return nil, err
	}
	plain, weights, err := splitCotangents(r.Inputs)
	if err != nil {
		return nil, err
	}
	in, err := take(plain, pass.Inputs)
	if err != nil {
		return nil, err
	}
	if pass.Compute != nil {
		made, err := pass.Compute(in)
		if err != nil {
			return nil, err
		}
		return result(made)
	}
	part := Part{"", pass.Net}
	store, err := r.load([]Part{part})
	if err != nil {
		return nil, err
	}
	if pass.Forward == nil {
		return result(pass.Fixed)
	}
	given := present(in)
	outputs := slices.Sorted(maps.Keys(weights))
	args := slices.Clone(given)
	for _, name := range outputs {
		args = append(args, weights[name])
	}
	c, err := r.compile(store, r.Training, func(s *model.Scope, g *graph.Graph, nodes []*graph.Node) []output {
		all, by := spread(nodes, in), nodes[len(given):]
		made := pass.Forward(s, all)
		var list []output
		for _, name := range slices.Sorted(maps.Keys(made)) {
			list = append(list, output{name, made[name]})
		}
		sum := made[pass.Loss]
		if len(by) == 0 && sum == nil {
			return list
		}
		for i, name := range outputs {
			o, ok := made[name]
			if !ok {
				panic(fmt.Errorf("--inputs: %s%s weighs an output that the model hasn't: it has %s", cotangent, name,
					strings.Join(slices.Sorted(maps.Keys(made)), ", ")))
			}
			term := graph.ReduceAllSum(graph.Mul(o, by[i]))
			if sum == nil {
				sum = term
			} else {
				sum = graph.Add(sum, term)
			}
		}
		params := nn.Trained(pass.Net)
		var at []*graph.Node
		for _, p := range params {
			at = append(at, p.Node(s, g))
		}
		var names []string
		for i, t := range in {
			if t != nil && t.DType().IsFloat() {
				names, at = append(names, "grad_in."+pass.Inputs[i].Name), append(at, all[i])
			}
		}
		if len(at) == 0 {
			return list
		}
		grads := graph.Gradient(sum, at...)
		for _, g := range nn.NameGradients("grad.", params, grads[:len(params)]) {
			list = append(list, output{g.Name, g.Value})
		}
		for i, name := range names {
			list = append(list, output{name, grads[len(params)+i]})
		}
		return list
	})
	if err != nil {
		return nil, err
	}
	made, err := c.run(args)
	if err != nil {
		return nil, err
	}
	all, err := result(made)
	if err != nil {
		return nil, err
	}
	return all, buffers(store, pass.Net, all)
}

// buffers adds those of a module, each as state.NAME.
func buffers(store *model.Store, module any, into *torch.StateDict) error {
	if module == nil {
		return nil
	}
	state, err := torch.Save(store.RootScope(), module)
	if err != nil {
		return err
	}
	for path, p := range nn.Params(module) {
		if t, ok := state.Get(path); ok && p.Buffer {
			into.Set("state."+path, t)
		}
	}
	return nil
}

// splitCotangents parts the weights of outputs from the inputs.
func splitCotangents(all *torch.StateDict) (plain *torch.StateDict, weights map[string]*tensors.Tensor, err error) {
	plain, weights = &torch.StateDict{}, map[string]*tensors.Tensor{}
	for _, name := range all.Names() {
		t, _ := all.Get(name)
		of, is := strings.CutPrefix(name, cotangent)
		if !is {
			plain.Set(name, t)
			continue
		}
		value, err := t.ToGoMLX()
		if err != nil {
			return nil, nil, fmt.Errorf("--inputs: %s: %w", name, err)
		}
		if !value.DType().IsFloat() {
			return nil, nil, errors.New("--inputs: " + name + " must hold F32")
		}
		weights[of] = value
	}
	return plain, weights, nil
}
