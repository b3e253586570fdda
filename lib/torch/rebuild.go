package torch

import (
	"errors"
	"fmt"
)

// What a pickle may name and call: the few names with which torch.save describes tensors.
type (
	// storage is a run of values, which tensors share.
	storage struct {
		dtype DType // empty: untyped
		data  []byte
	}

	// view is a tensor: a window on a storage.
	view struct {
		dtype          DType
		data           []byte
		offset         int // in values, as the strides
		shape, strides []int
	}
)

const (
	rebuildTensor         global = "torch._utils._rebuild_tensor_v2"
	rebuildTensorV3       global = "torch._utils._rebuild_tensor_v3"
	rebuildParameter      global = "torch._utils._rebuild_parameter"
	rebuildParameterState global = "torch._utils._rebuild_parameter_with_state"
	orderedDict           global = "collections.OrderedDict"
	torchSize             global = "torch.Size"
	untypedStorage        global = "torch.storage.UntypedStorage"
)

var storageTypes = map[global]DType{
	"torch.DoubleStorage":       F64,
	"torch.FloatStorage":        F32,
	"torch.HalfStorage":         F16,
	"torch.BFloat16Storage":     BF16,
	"torch.LongStorage":         I64,
	"torch.IntStorage":          I32,
	"torch.ShortStorage":        I16,
	"torch.CharStorage":         I8,
	"torch.ByteStorage":         U8,
	"torch.BoolStorage":         BOOL,
	"torch.ComplexFloatStorage": C64,
	untypedStorage:              "",
}

// dtypeGlobals are torch.uint16 and its like.
var dtypeGlobals = func() map[global]DType {
	m := map[global]DType{}
	for d, info := range dtypeTable {
		if info.torch != "" && info.bits%8 == 0 {
			m[global("torch."+info.torch)] = d
		}
	}
	return m
}()

func allowed(g global) bool {
	switch g {
	case rebuildTensor, rebuildTensorV3, rebuildParameter, rebuildParameterState, orderedDict, torchSize:
		return true
	}
	_, isStorage := storageTypes[g]
	_, isDType := dtypeGlobals[g]
	return isStorage || isDType
}

// reduce is a call, of one of the few that make tensors.
func (u *unpickler) reduce() error {
	items, err := u.popN(2)
	if err != nil {
		return err
	}
	f, ok1 := items[0].(global)
	args, ok2 := items[1].(tuple)
	if !ok1 || !ok2 {
		return fmt.Errorf("a call of %s with %s", kind(items[0]), kind(items[1]))
	}
	switch f {
	case orderedDict:
		if len(args) == 0 {
			return u.push(&dict{})
		}
	case torchSize:
		if len(args) == 1 {
			if size, ok := args[0].(tuple); ok {
				return u.push(size)
			}
		}
	case rebuildParameter, rebuildParameterState:
		if len(args) >= 3 {
			if v, ok := args[0].(*view); ok {
				return u.push(v)
			}
		}
	case rebuildTensor, rebuildTensorV3:
		v, err := newView(f, args)
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		u.spend(64 + 16*len(v.shape))
		return u.push(v)
	}
	return fmt.Errorf("%s can't be called with %d arguments of this kind", quote(string(f)), len(args))
}

// newView checks _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata=None), or v3 with a dtype before
// the metadata.
func newView(f global, args tuple) (*view, error) {
	fixed := 6
	if f == rebuildTensorV3 {
		fixed = 7
	}
	if len(args) < fixed || len(args) > fixed+1 {
		return nil, fmt.Errorf("%d arguments", len(args))
	}
	if len(args) > fixed && args[fixed] != nil { // conjugated or negated views
		if d, ok := args[fixed].(*dict); !ok || len(d.keys) > 0 {
			return nil, errors.New("a tensor with marks of its own (conjugated, negated): save it with .resolve_conj().resolve_neg()")
		}
	}
	s, ok := args[0].(*storage)
	if !ok {
		return nil, fmt.Errorf("%s where a storage is due", kind(args[0]))
	}
	v := &view{dtype: s.dtype, data: s.data}
	if f == rebuildTensorV3 {
		name, _ := args[6].(global)
		if v.dtype, ok = dtypeGlobals[name]; !ok {
			return nil, fmt.Errorf("%s where a dtype is due", kind(args[6]))
		}
	}
	if v.dtype == "" {
		return nil, errors.New("an untyped storage without a dtype")
	}
	if v.offset, ok = args[1].(int); !ok || v.offset < 0 {
		return nil, fmt.Errorf("offset %v, must be a number from 0", args[1])
	}
	var err error
	if v.shape, err = naturals(args[2]); err != nil {
		return nil, fmt.Errorf("size: %w", err)
	}
	if v.strides, err = naturals(args[3]); err != nil {
		return nil, fmt.Errorf("stride: %w", err)
	}
	if len(v.shape) != len(v.strides) {
		return nil, fmt.Errorf("size %v and stride %v differ in length", v.shape, v.strides)
	}
	n, err := v.dtype.bytes(v.shape)
	if err != nil || n == 0 {
		return v, err
	}
	// The last value must lie in the storage; each term is held below its end, so that the sum can't overflow.
	end := len(v.data) / (dtypeTable[v.dtype].bits / 8)
	last := v.offset
	for i, dim := range v.shape {
		if dim > 1 && v.strides[i] > end/(dim-1) {
			last = end
		} else if last < end {
			last += (dim - 1) * v.strides[i]
		}
	}
	if last >= end {
		return nil, fmt.Errorf("offset %d, size %v and stride %v reach beyond the storage's %d values", v.offset, v.shape, v.strides, end)
	}
	return v, nil
}

func naturals(v any) ([]int, error) {
	t, ok := v.(tuple)
	if !ok || len(t) > maxRank {
		return nil, fmt.Errorf("%s where a tuple of at most %d numbers is due", kind(v), maxRank)
	}
	out := make([]int, len(t))
	for i, x := range t {
		n, ok := x.(int)
		if !ok || n < 0 {
			return nil, fmt.Errorf("%v where a number from 0 is due", kind(x))
		}
		out[i] = n
	}
	return out, nil
}

// persistent resolves ("storage", type, key, location, number of values).
func (u *unpickler) persistent() error {
	id, err := u.pop()
	if err != nil {
		return err
	}
	t, _ := id.(tuple)
	if len(t) != 5 || t[0] != "storage" {
		return fmt.Errorf("%s stands for something outside the pickle, only storages may", kind(id))
	}
	class, ok1 := t[1].(global)
	key, ok2 := t[2].(string)
	n, ok3 := t[4].(int)
	dtype, ok4 := storageTypes[class]
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return fmt.Errorf("a storage named by %s, %s and %s", kind(t[1]), kind(t[2]), kind(t[4]))
	}
	data, ok := u.storages[key]
	if !ok {
		if data, err = u.record(key); err != nil {
			return err
		}
		u.storages[key] = data
	}
	size := 1
	if dtype != "" {
		size = dtypeTable[dtype].bits / 8
	}
	if n < 0 || n > len(data)/size || n*size != len(data) {
		return fmt.Errorf("storage %s should hold %d values of %d bytes, its record has %d bytes", quote(key), n, size, len(data))
	}
	return u.push(&storage{dtype, data})
}
