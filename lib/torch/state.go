package torch

import (
	"bytes"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// fileShape is the shape that a state_dict has.
func fileShape(p *nn.Param) []int {
	shape := make([]int, len(p.Shape))
	for i := range shape {
		shape[i] = p.Shape[i]
		if p.Perm != nil {
			shape[i] = p.Shape[p.Perm[i]]
		}
	}
	return shape
}

// Save copies the values of a model's parameters and buffers to a state_dict that PyTorch loads with strict=True. A tied parameter
// comes under each of its names.
func Save(s *model.Scope, root any) (*StateDict, error) {
	sd := &StateDict{Metadata: map[string]string{"format": "pt"}}
	done := map[*nn.Param]Tensor{}
	for path, p := range nn.Params(root) {
		t, ok := done[p]
		if !ok {
			v, err := p.Variable(s)
			if err != nil {
				return nil, err
			}
			value, err := v.Value()
			if err != nil {
				return nil, fmt.Errorf("reading %s: %w", path, err)
			}
			if t, err = FromGoMLX(value); err != nil {
				return nil, fmt.Errorf("reading %s: %w", path, err)
			}
			t = t.permute(p.Perm)
			done[p] = t
		}
		sd.Set(path, t)
	}
	return sd, nil
}

// Load sets a model's parameters and buffers to a state_dict's values, all or none. Those that the store lacks are made. Numbers are
// converted to the model's type, as load_state_dict does. Of a tied parameter's names one is enough; where there are more, they must
// agree. Without partial, missing and unknown tensors are an error, see [Compare]; with it, that nothing fits is one.
func Load(s *model.Scope, root any, sd *StateDict, partial bool) error {
	return LoadOnto(nil, s, root, sd, partial)
}

// LoadOnto is [Load] straight into a backend's memory: a copy fewer, for models that are then run on that backend.
func LoadOnto(b compute.Backend, s *model.Scope, root any, sd *StateDict, partial bool) error {
	if err := Compare(root, sd).Err(partial); err != nil && (!partial || sd.Len() > 0) {
		return err
	}
	places := map[*nn.Param][]string{} // the names under which the file has it
	for path, p := range nn.Params(root) {
		if _, ok := sd.Get(path); ok {
			places[p] = append(places[p], path)
		}
	}
	values := map[*nn.Param]*tensors.Tensor{}
	for path, p := range nn.Params(root) {
		if len(places[p]) == 0 && isCounter(path, p) && s.GetVariable(p.Path()) == nil {
			values[p] = tensors.FromShape(shapes.Make(p.Type()))
		}
		if len(places[p]) == 0 || places[p][0] != path {
			continue
		}
		t, _ := sd.Get(path)
		for _, other := range places[p][1:] {
			if o, _ := sd.Get(other); o.DType != t.DType || !bytes.Equal(o.Data, t.Data) {
				return fmt.Errorf("%s and %s are one parameter in the model, the file has two different ones", path, other)
			}
		}
		t, err := t.scalarAs(fileShape(p)).as(dtypeOf(p))
		if err != nil {
			return fmt.Errorf("loading %s: %w", path, err)
		}
		if values[p], err = t.permute(inverse(p.Perm)).toBackend(b); err != nil {
			return fmt.Errorf("loading %s: %w", path, err)
		}
	}
	for path, p := range nn.Params(root) {
		value, ok := values[p]
		if !ok {
			continue
		}
		delete(values, p)
		if v := s.GetVariable(p.Path()); v != nil {
			if err := v.SetValue(value); err != nil {
				return fmt.Errorf("loading %s: %w", path, err)
			}
			continue
		}
		v, err := s.CreateVariable(p.Path(), value)
		if err != nil {
			return fmt.Errorf("loading %s: %w", path, err)
		}
		v.SetTrainable(!p.Buffer)
	}
	return nil
}

// dtypeOf is the parameter's type in a file; empty if there is none.
func dtypeOf(p *nn.Param) DType {
	for d, info := range dtypeTable {
		if info.gomlx != 0 && info.gomlx == p.Type() {
			return d
		}
	}
	return ""
}
