package spec

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/torch"
)

// Step takes a model's training steps from the request's weights, by a fresh optimiser. It gives what each step measures, stacked; the
// first step's gradients as grad.NAME; and the state_dict after the last as param.NAME.
func (r *Request) Step(open func(Config) (*Training, error)) (*torch.StateDict, error) {
	t, err := open(r.Config)
	if err != nil {
		return nil, err
	}
	wanted := make([]Input, len(t.Inputs))
	for i, in := range t.Inputs {
		if wanted[i] = in; t.Repeat == 0 {
			wanted[i].Shape = append([]int{AnySteps}, in.Shape...)
		}
	}
	in, err := take(r.Inputs, wanted)
	if err != nil {
		return nil, err
	}
	store, err := r.load(t.Parts)
	if err != nil {
		return nil, err
	}
	given := present(in)
	batches, err := t.batches(given)
	if err != nil {
		return nil, err
	}
	c, err := r.compile(store, true, func(s *model.Scope, _ *graph.Graph, nodes []*graph.Node) []output {
		return t.outputs(s, spread(nodes, in))
	})
	if err != nil {
		return nil, err
	}
	first, stacked := map[string]*tensors.Tensor{}, map[string][]float32{}
	for i, batch := range batches {
		made, err := c.run(batch)
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
		for name, value := range made {
			if value.IsScalar() && !strings.HasPrefix(name, "grad.") { // a scalar may be a parameter, too
				stacked[name] = append(stacked[name], tensors.ToScalar[float32](value))
			} else if i == 0 {
				first[name] = value
			}
		}
	}
	for name, values := range stacked {
		first[name] = tensors.FromFlatDataAndDimensions(values, len(values))
	}
	all, err := result(first)
	if err != nil {
		return nil, err
	}
	for _, p := range t.Parts {
		if err := p.state(store, all, "param."); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// outputs is the graph of one step: what it measures, and its gradients.
func (t *Training) outputs(s *model.Scope, batch []*graph.Node) []output {
	stepped := t.Step(s, batch)
	if len(stepped.Metrics) != len(t.Names) {
		panic(fmt.Errorf("the step measures %d values and names %d", len(stepped.Metrics), len(t.Names)))
	}
	var list []output
	for i, name := range t.Names {
		if name != "" {
			list = append(list, output{name, stepped.Metrics[i]})
		}
	}
	for _, g := range stepped.Gradients {
		list = append(list, output{"grad." + g.Name, g.Value})
	}
	return list
}

// batches are the inputs of each step.
func (t *Training) batches(given []*tensors.Tensor) ([][]*tensors.Tensor, error) {
	if t.Repeat > 0 {
		batches := make([][]*tensors.Tensor, t.Repeat)
		for i := range batches {
			batches[i] = given
		}
		return batches, nil
	}
	var batches [][]*tensors.Tensor
	for _, all := range given {
		steps, err := unstack(all)
		if err != nil {
			return nil, err
		}
		if batches == nil {
			batches = make([][]*tensors.Tensor, len(steps))
		}
		for i, one := range steps {
			batches[i] = append(batches[i], one)
		}
	}
	return batches, nil
}

// unstack cuts t along its first axis.
func unstack(t *tensors.Tensor) ([]*tensors.Tensor, error) {
	list := make([]*tensors.Tensor, t.Shape().Dim(0))
	shape := shapes.Make(t.DType(), t.Shape().Dimensions[1:]...)
	err := t.ConstBytes(func(all []byte) {
		size := len(all) / len(list)
		for i := range list {
			list[i] = tensors.FromShape(shape)
			list[i].MutableBytes(func(data []byte) { copy(data, all[i*size:]) }) //nolint:errcheck // a fresh local tensor has bytes
		}
	})
	return list, err
}
