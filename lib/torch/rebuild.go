package torch

import (
	"errors"
	"fmt"
	"strings"
)

// What torch.save describes tensors with: a storage, which tensors share, and views on it.
type (
	storage struct {
		size  int // in bytes
		width int // of a value, in bytes
		data  []byte
	}

	// typed is a storage, or a run of it, as values of a type; empty: of bytes, until a tensor says of what.
	typed struct {
		dtype    DType
		in       *storage
		start, n int // in values
	}

	// view is a tensor: a window on a storage.
	view struct {
		dtype          DType
		in             *storage
		offset         int // in values, as the strides
		shape, strides []int
	}
)

const (
	rebuildTensorV1       global = "torch._utils._rebuild_tensor" // before PyTorch 0.4
	rebuildTensor         global = "torch._utils._rebuild_tensor_v2"
	rebuildTensorV3       global = "torch._utils._rebuild_tensor_v3"
	rebuildParameter      global = "torch._utils._rebuild_parameter"
	rebuildParameterState global = "torch._utils._rebuild_parameter_with_state"
	rebuildFromType       global = "torch._tensor._rebuild_from_type_v2" // a tensor with attributes of its own
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

// reduce is a call, of one of the few that make tensors; any other makes an object, and is not made.
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
	v, err := resultOf(f, args)
	if err != nil {
		return fmt.Errorf("%s: %w", f, err)
	}
	switch v := v.(type) {
	case *view:
		u.spend(64 + 16*len(v.shape))
	case *dict:
		u.spend(32 * len(v.keys))
	}
	return u.push(v)
}

func resultOf(f global, args tuple) (any, error) {
	switch f {
	case orderedDict:
		return pairsDict(args)
	case torchSize:
		if len(args) == 1 {
			if size, ok := args[0].(tuple); ok {
				return size, nil
			}
		}
	case rebuildParameter, rebuildParameterState:
		if len(args) >= 3 {
			if v, ok := args[0].(*view); ok {
				return v, nil
			}
		}
	case rebuildFromType: // (function, type, its arguments, attributes)
		if len(args) == 4 {
			inner, ok1 := args[0].(global)
			innerArgs, ok2 := args[2].(tuple)
			if ok1 && ok2 && inner != rebuildFromType && args[1] != nil {
				return resultOf(inner, innerArgs)
			}
		}
	case rebuildTensorV1, rebuildTensor, rebuildTensorV3:
		if len(args) > 0 {
			if other, ok := args[0].(object); ok { // of numbers that nothing here can hold
				return other, nil
			}
		}
		return newView(f, args)
	default:
		return object{f}, nil
	}
	return nil, fmt.Errorf("it can't be called with %d arguments of this kind", len(args))
}

// pairsDict is an OrderedDict: empty, or, of Python 2, from a list of lists of a key and a value.
func pairsDict(args tuple) (*dict, error) {
	d := &dict{}
	if len(args) == 0 {
		return d, nil
	}
	pairs, ok := args[0].(*list)
	if !ok || len(args) > 1 {
		return nil, fmt.Errorf("it can't be called with %d arguments of this kind", len(args))
	}
	for _, p := range pairs.items {
		var pair []any
		switch p := p.(type) {
		case *list:
			pair = p.items
		case tuple:
			pair = p
		}
		if len(pair) != 2 {
			return nil, fmt.Errorf("%s where a key and a value are due", kind(p))
		}
		d.keys = append(d.keys, pair[0])
		d.values = append(d.values, pair[1])
	}
	return d, nil
}

// newObject notes an object of a class of which nothing is known.
func (u *unpickler) newObject(op int) error {
	n := 2
	if op == 0x92 { // keyword arguments, too
		n = 3
	}
	items, err := u.popN(n)
	if err != nil {
		return err
	}
	class, ok := items[0].(global)
	if !ok {
		return fmt.Errorf("an object of %s, which is no class", kind(items[0]))
	}
	if class == orderedDict {
		return u.push(&dict{})
	}
	return u.push(object{class})
}

// newView checks _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata=None), or v3 with a dtype before
// the metadata, or v1, which ends with stride.
func newView(f global, args tuple) (*view, error) {
	fixed := 6
	switch f {
	case rebuildTensorV1:
		fixed = 4
	case rebuildTensorV3:
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
	s, ok := args[0].(typed)
	if !ok {
		return nil, fmt.Errorf("%s where a storage is due", kind(args[0]))
	}
	v := &view{dtype: s.dtype, in: s.in}
	end := s.start + s.n
	if f == rebuildTensorV3 {
		name, _ := args[6].(global)
		if v.dtype, ok = dtypeGlobals[name]; !ok {
			return nil, fmt.Errorf("%s where a dtype is due", kind(args[6]))
		}
		if s.dtype != "" || s.start != 0 {
			return nil, errors.New("a dtype, and a storage that has one")
		}
		end = s.n / (dtypeTable[v.dtype].bits / 8)
	}
	if v.dtype == "" {
		return nil, errors.New("an untyped storage without a dtype")
	}
	if v.offset, ok = args[1].(int); !ok || v.offset < 0 {
		return nil, fmt.Errorf("offset %v, must be a number from 0", args[1])
	}
	v.offset += s.start
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

// persistent resolves ("storage", type, key, location, number of values) and, of old, a sixth: the part of the storage that is meant.
func (u *unpickler) persistent() error {
	id, err := u.pop()
	if err != nil {
		return err
	}
	t, _ := id.(tuple)
	if len(t) == 4 && t[0] == "module" { // ("module", class, its file, its source), before the module itself
		return u.push(t[1])
	}
	if len(t) != 5 && len(t) != 6 || t[0] != "storage" {
		return fmt.Errorf("%s stands for something outside the pickle, only storages may", kind(id))
	}
	class, ok1 := t[1].(global)
	key, ok2 := t[2].(string)
	n, ok3 := t[4].(int)
	dtype, ok4 := storageTypes[class]
	if ok1 && !ok4 && strings.HasSuffix(string(class), "Storage") { // quantized, or of double complex numbers
		return u.push(object{class})
	}
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return fmt.Errorf("a storage named by %s, %s and %s", kind(t[1]), kind(t[2]), kind(t[4]))
	}
	width := 1
	if dtype != "" {
		width = dtypeTable[dtype].bits / 8
	}
	if n < 0 || n > maxBits/8/width {
		return fmt.Errorf("storage %s should hold %d values", quote(key), n)
	}
	whole, ok := u.storages[key]
	if !ok {
		whole = &storage{size: n * width, width: width}
		if err := u.find(whole, key); err != nil {
			return err
		}
		u.spend(128)
		u.storages[key] = whole
	}
	if whole.size != n*width {
		return fmt.Errorf("storage %s should hold %d values of %d bytes, elsewhere in the file it has %d bytes", quote(key), n, width, whole.size)
	}
	s := typed{dtype, whole, 0, n}
	if len(t) == 6 && t[5] != nil { // (key, where the run begins, how long it is)
		part, _ := t[5].(tuple)
		if len(part) != 3 {
			return fmt.Errorf("%s where a part of a storage is due", kind(t[5]))
		}
		start, ok1 := part[1].(int)
		length, ok2 := part[2].(int)
		if !ok1 || !ok2 || start < 0 || length < 0 || start > n || length > n-start {
			return fmt.Errorf("the part of storage %s that begins at %s and has %s reaches beyond its %d values", quote(key), kind(part[1]), kind(part[2]), n)
		}
		s.start, s.n = start, length
	}
	return u.push(s)
}
