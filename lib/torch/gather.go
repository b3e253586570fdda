package torch

import (
	"errors"
	"fmt"
)

const saveAlone = "save the model's state_dict alone: torch.save(model.state_dict(), path)"

// unpickle runs the pickle and gathers the tensors. size is that of the whole file; record finds the values of a storage.
func unpickle(pickled []byte, size int, record func(string) ([]byte, error)) (*StateDict, error) {
	u := &unpickler{in: pickled, record: record, storages: map[string][]byte{}, budget: 4*size + 1<<20}
	top, err := u.run()
	if err != nil {
		return nil, fmt.Errorf("in the pickle, at byte %d: %w", u.at, err)
	}
	d, ok := top.(*dict)
	if !ok {
		return nil, fmt.Errorf("the file holds %s, must hold a dict of tensors: %s", kind(top), saveAlone)
	}
	g := gatherer{sd: &StateDict{}, copies: size, names: len(pickled) + 1<<16}
	return g.sd, g.gather("", d, 0)
}

// gatherer collects the tensors of nested dicts under dotted names.
type gatherer struct {
	sd     *StateDict
	copies int // bytes that copies of tensors may still take
	names  int // bytes that names may still take: dicts that share dicts could name a tensor 2ⁿ times
}

func (g *gatherer) gather(prefix string, d *dict, depth int) error {
	if depth > 32 {
		return errors.New("dicts lie in dicts more than 32 deep")
	}
	for i, k := range d.keys {
		key, ok := k.(string)
		if !ok {
			return fmt.Errorf("a key of %s is %s, must be a text: %s", quote(prefix), kind(k), saveAlone)
		}
		name := prefix + key
		if g.names -= len(name) + 1; g.names < 0 {
			return errors.New("the names of the tensors are longer than the whole pickle")
		}
		switch v := d.values[i].(type) {
		case *dict:
			if err := g.gather(name+".", v, depth+1); err != nil {
				return err
			}
		case *view:
			if _, ok := g.sd.Get(name); ok {
				return fmt.Errorf("tensor %s comes twice", quote(name))
			}
			t, err := g.tensor(v)
			if err != nil {
				return fmt.Errorf("tensor %s: %w", quote(name), err)
			}
			g.sd.Set(name, t)
		default:
			return fmt.Errorf("%s is %s, must be a tensor: %s", quote(name), kind(v), saveAlone)
		}
	}
	return nil
}

// tensor is the window's values in rows: a part of the storage where they lie so, or a copy.
func (g *gatherer) tensor(v *view) (Tensor, error) {
	n, err := v.dtype.bytes(v.shape)
	if err != nil || n == 0 {
		return Tensor{v.dtype, v.shape, nil}, err
	}
	size := dtypeTable[v.dtype].bits / 8
	if v.contiguous() {
		start := v.offset * size
		return Tensor{v.dtype, v.shape, v.data[start : start+n : start+n]}, nil
	}
	if g.copies -= n; g.copies < 0 {
		return Tensor{}, fmt.Errorf("shape %v of strides %v takes more than the whole file: save it with .contiguous()", v.shape, v.strides)
	}
	out := make([]byte, n)
	gatherStrided(out, v.data, size, v.offset, v.shape, v.strides)
	return Tensor{v.dtype, v.shape, out}, nil
}

func (v *view) contiguous() bool {
	stride := 1
	for i := len(v.shape) - 1; i >= 0; i-- {
		if v.shape[i] != 1 && v.strides[i] != stride {
			return false
		}
		stride *= v.shape[i]
	}
	return true
}
