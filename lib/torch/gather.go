package torch

import (
	"errors"
	"fmt"
)

const (
	maxDeep   = 32 // dicts in dicts
	maxCopies = 16 // times the file's size that tensors may take together: layers may share weights, and a view may repeat values
	fewBytes  = 64 << 20
)

// gatherer collects the tensors of nested dicts under dotted names.
type gatherer struct {
	sd    *StateDict
	bytes int // that the tensors may still take where each has its own, as in a safetensors file
	names int // bytes that names may still take: dicts that share dicts could name a tensor 2ⁿ times
}

// stateOf gathers the state_dict of what a file holds; see [finder.find] for the key. file and pickle are sizes in bytes.
func stateOf(top any, key string, file, pickle int) (*StateDict, error) {
	f := finder{left: pickle + 1<<16}
	d, err := f.find(top, key)
	if err != nil {
		return nil, err
	}
	return gather(d, file, pickle)
}

// gather collects from a pickle of a file of these sizes.
func gather(d *dict, file, pickle int) (*StateDict, error) {
	g := gatherer{sd: &StateDict{}, bytes: max(fewBytes, maxCopies*file), names: pickle + 1<<16}
	if err := g.gather("", d, 0); err != nil {
		return nil, err
	}
	if g.sd.Len() == 0 {
		return nil, fmt.Errorf("the dict holds no tensor: %s", saveAlone)
	}
	return g.sd, nil
}

func (g *gatherer) gather(prefix string, d *dict, depth int) error {
	if depth > maxDeep {
		return fmt.Errorf("dicts lie in dicts more than %d deep", maxDeep)
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
	if n > g.bytes {
		return Tensor{}, fmt.Errorf("shape %v of strides %v: the tensors share values, and apart from each other they would take more than %d times the file", v.shape, v.strides, maxCopies)
	}
	g.bytes -= n
	size := dtypeTable[v.dtype].bits / 8
	if v.contiguous() {
		start := v.offset * size
		return Tensor{v.dtype, v.shape, v.in.data[start : start+n : start+n]}, nil
	}
	out := make([]byte, n)
	gatherStrided(out, v.in.data, size, v.offset, v.shape, v.strides)
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
