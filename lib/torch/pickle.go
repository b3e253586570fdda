package torch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// A pickle is a program. This machine runs the few instructions with which torch.save puts tensors into dicts and refuses the others
// by name, as PyTorch's weights_only loader does; it calls nothing. (github.com/nlpodyssey/gopickle panics on bad files, takes the
// memory that they ask for, and turns all floats into float32.)
type unpickler struct {
	in     []byte
	at     int
	record func(key string) ([]byte, error)

	stack    []any
	marks    []int // heights of the stack
	memo     []any
	storages map[string][]byte
	budget   int // bytes that values may still take
}

// The values are nil, bool, int, float64 and string as they are, and these:
type (
	global string // what an instruction may call or name, as "torch.FloatStorage"
	tuple  []any
	list   struct{ items []any }
	dict   struct{ keys, values []any }

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

// run executes the instructions up to STOP and returns what they made.
func (u *unpickler) run() (any, error) {
	for {
		op, err := u.bytes(1)
		if err != nil {
			return nil, err
		}
		if op[0] == '.' { // STOP
			return u.pop()
		}
		if err := u.step(op[0]); err != nil {
			return nil, err
		}
		if u.budget < 0 {
			return nil, errors.New("the pickle makes more values than a file of this size can need")
		}
	}
}

// step executes one instruction (Python's Lib/pickletools.py describes them).
func (u *unpickler) step(op byte) error {
	switch op {
	case 0x80: // PROTO
		b, err := u.bytes(1)
		if err == nil && (b[0] < 2 || b[0] > 5) {
			err = fmt.Errorf("pickle protocol %d, must be 2 to 5", b[0])
		}
		return err
	case 0x95: // FRAME, which only says how far to read ahead
		_, err := u.bytes(8)
		return err
	case '(': // MARK
		u.spend(8)
		u.marks = append(u.marks, len(u.stack))
		return nil
	case 'N': // NONE
		return u.push(nil)
	case 0x88: // NEWTRUE
		return u.push(true)
	case 0x89: // NEWFALSE
		return u.push(false)
	case 'K', 'M', 'J', 0x8a: // BININT1, BININT2, BININT, LONG1
		return u.integer(op)
	case 'G': // BINFLOAT
		b, err := u.bytes(8)
		if err != nil {
			return err
		}
		return u.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
	case 'X', 0x8c: // BINUNICODE, SHORT_BINUNICODE
		return u.text(op)
	case ')': // EMPTY_TUPLE
		return u.push(tuple(nil))
	case '}': // EMPTY_DICT
		return u.push(&dict{})
	case ']': // EMPTY_LIST
		return u.push(&list{})
	case 't': // TUPLE
		items, err := u.popMark()
		if err != nil {
			return err
		}
		return u.pushTuple(items)
	case 0x85, 0x86, 0x87: // TUPLE1, TUPLE2, TUPLE3
		items, err := u.popN(int(op - 0x84))
		if err != nil {
			return err
		}
		return u.pushTuple(items)
	case 'a': // APPEND
		items, err := u.popN(1)
		if err != nil {
			return err
		}
		return u.extend(items)
	case 'e': // APPENDS
		items, err := u.popMark()
		if err != nil {
			return err
		}
		return u.extend(items)
	case 's': // SETITEM
		items, err := u.popN(2)
		if err != nil {
			return err
		}
		return u.setItems(items)
	case 'u': // SETITEMS
		items, err := u.popMark()
		if err != nil {
			return err
		}
		return u.setItems(items)
	case 'q', 'r', 0x94, 'h', 'j': // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
		return u.memory(op)
	case 'c': // GLOBAL
		module, err := u.line()
		if err != nil {
			return err
		}
		name, err := u.line()
		if err != nil {
			return err
		}
		return u.global(module, name)
	case 0x93: // STACK_GLOBAL
		items, err := u.popN(2)
		if err != nil {
			return err
		}
		module, ok1 := items[0].(string)
		name, ok2 := items[1].(string)
		if !ok1 || !ok2 {
			return fmt.Errorf("a global named by %s and %s", kind(items[0]), kind(items[1]))
		}
		return u.global(module, name)
	case 'R': // REDUCE
		return u.reduce()
	case 'b': // BUILD: attributes, such as a state_dict's _metadata, which say nothing of tensors
		if _, err := u.pop(); err != nil {
			return err
		}
		inst, err := u.pop()
		if err != nil {
			return err
		}
		if _, ok := inst.(*dict); !ok {
			return fmt.Errorf("instruction BUILD on %s, allowed on an OrderedDict only", kind(inst))
		}
		return u.push(inst)
	case 'Q': // BINPERSID
		return u.persistent()
	default:
		return fmt.Errorf("instruction %s isn't allowed: only tensors in dicts are read", opName(op))
	}
}

func (u *unpickler) integer(op byte) error {
	n := map[byte]int{'K': 1, 'M': 2, 'J': 4, 0x8a: 1}[op]
	b, err := u.bytes(n)
	if err != nil {
		return err
	}
	switch op {
	case 'K':
		return u.push(int(b[0]))
	case 'M':
		return u.push(int(binary.LittleEndian.Uint16(b)))
	case 'J':
		return u.push(int(int32(binary.LittleEndian.Uint32(b))))
	}
	n = int(b[0])
	if n > 8 {
		return fmt.Errorf("a whole number of %d bytes", n)
	}
	if b, err = u.bytes(n); err != nil {
		return err
	}
	var v int64
	for i := n - 1; i >= 0; i-- {
		v = v<<8 | int64(b[i])
	}
	if n > 0 {
		shift := 64 - 8*n
		v = v << shift >> shift // the sign
	}
	return u.push(int(v))
}

func (u *unpickler) text(op byte) error {
	n := 0
	if op == 'X' {
		b, err := u.bytes(4)
		if err != nil {
			return err
		}
		n = int(binary.LittleEndian.Uint32(b))
	} else {
		b, err := u.bytes(1)
		if err != nil {
			return err
		}
		n = int(b[0])
	}
	b, err := u.bytes(n)
	if err != nil {
		return err
	}
	if !utf8.Valid(b) {
		return errors.New("a text isn't valid UTF-8")
	}
	return u.push(string(b))
}

func (u *unpickler) memory(op byte) error {
	i := len(u.memo)
	if n := map[byte]int{'q': 1, 'h': 1, 'r': 4, 'j': 4}[op]; n > 0 {
		b, err := u.bytes(n)
		if err != nil {
			return err
		}
		i = int(binary.LittleEndian.Uint32(append([]byte(nil), b[0], 0, 0, 0)))
		if n == 4 {
			i = int(binary.LittleEndian.Uint32(b))
		}
	}
	if op == 'h' || op == 'j' {
		if i >= len(u.memo) {
			return fmt.Errorf("value %d is fetched, %d were kept", i, len(u.memo))
		}
		return u.push(u.memo[i])
	}
	if len(u.stack) == 0 {
		return errors.New("nothing on the stack to keep")
	}
	top := u.stack[len(u.stack)-1]
	switch {
	case i < len(u.memo):
		u.memo[i] = top
	case i == len(u.memo):
		u.spend(32)
		u.memo = append(u.memo, top)
	default:
		return fmt.Errorf("value %d is kept after %d others, must follow them", i, len(u.memo))
	}
	return nil
}

func (u *unpickler) global(module, name string) error {
	g := global(module + "." + name)
	if !allowed(g) {
		return fmt.Errorf("%s isn't allowed, only tensors in dicts are read: %s", quote(string(g)), saveAlone)
	}
	return u.push(g)
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

func (u *unpickler) setItems(items []any) error {
	if len(items)%2 != 0 || len(u.stack) == 0 {
		return errors.New("a key without a value, or no dict for them")
	}
	d, ok := u.stack[len(u.stack)-1].(*dict)
	if !ok {
		return fmt.Errorf("an item is set in %s, allowed in a dict only", kind(u.stack[len(u.stack)-1]))
	}
	u.spend(32 * len(items))
	for i := 0; i < len(items); i += 2 {
		d.keys = append(d.keys, items[i])
		d.values = append(d.values, items[i+1])
	}
	return nil
}

func (u *unpickler) extend(items []any) error {
	if len(u.stack) == 0 {
		return errors.New("no list to append to")
	}
	l, ok := u.stack[len(u.stack)-1].(*list)
	if !ok {
		return fmt.Errorf("something is appended to %s, allowed to a list only", kind(u.stack[len(u.stack)-1]))
	}
	u.spend(32 * len(items))
	l.items = append(l.items, items...)
	return nil
}

// spend counts what a value takes, so that a small file can't ask for much memory.
func (u *unpickler) spend(n int) { u.budget -= n }

func (u *unpickler) push(v any) error {
	u.spend(48)
	if s, ok := v.(string); ok {
		u.spend(len(s))
	}
	u.stack = append(u.stack, v)
	return nil
}

func (u *unpickler) pushTuple(items []any) error {
	u.spend(16 * len(items))
	return u.push(tuple(append([]any(nil), items...)))
}

func (u *unpickler) pop() (any, error) {
	items, err := u.popN(1)
	if err != nil {
		return nil, err
	}
	return items[0], nil
}

// popN takes n values off the stack, never those below a mark. They are valid until the next push.
func (u *unpickler) popN(n int) ([]any, error) {
	bottom := 0
	if len(u.marks) > 0 {
		bottom = u.marks[len(u.marks)-1]
	}
	if len(u.stack)-n < bottom {
		return nil, errors.New("an instruction finds too little on the stack")
	}
	items := u.stack[len(u.stack)-n:]
	u.stack = u.stack[:len(u.stack)-n]
	return items, nil
}

func (u *unpickler) popMark() ([]any, error) {
	if len(u.marks) == 0 {
		return nil, errors.New("an instruction finds no mark on the stack")
	}
	n := u.marks[len(u.marks)-1]
	u.marks = u.marks[:len(u.marks)-1]
	items := u.stack[n:]
	u.stack = u.stack[:n]
	return items, nil
}

func (u *unpickler) bytes(n int) ([]byte, error) {
	if n > len(u.in)-u.at {
		return nil, errors.New("the pickle ends early")
	}
	b := u.in[u.at : u.at+n]
	u.at += n
	return b, nil
}

func (u *unpickler) line() (string, error) {
	i := bytes.IndexByte(u.in[u.at:], '\n')
	if i < 0 {
		return "", errors.New("the pickle ends early")
	}
	b, err := u.bytes(i + 1)
	return strings.TrimSuffix(string(b[:i]), "\r"), err
}

// kind describes a value in an error.
func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a bool"
	case int:
		return fmt.Sprintf("the number %d", v)
	case float64:
		return fmt.Sprintf("the number %g", v)
	case string:
		return "the text " + quote(v)
	case tuple:
		return fmt.Sprintf("a tuple of %d", len(v))
	case *list:
		return fmt.Sprintf("a list of %d", len(v.items))
	case *dict:
		return "a dict"
	case *view:
		return "a tensor"
	case *storage:
		return "a storage"
	case global:
		return quote(string(v))
	default:
		return fmt.Sprintf("a %T", v)
	}
}

// opName is pickletools' name of an instruction that is refused.
func opName(op byte) string {
	names := map[byte]string{
		'0': "POP", '1': "POP_MARK", '2': "DUP", 'F': "FLOAT", 'I': "INT", 'L': "LONG", 'P': "PERSID", 'S': "STRING", 'T': "BINSTRING",
		'U': "SHORT_BINSTRING", 'V': "UNICODE", 'd': "DICT", 'g': "GET", 'i': "INST", 'l': "LIST", 'o': "OBJ", 'p': "PUT",
		'B': "BINBYTES", 'C': "SHORT_BINBYTES", 0x81: "NEWOBJ", 0x82: "EXT1", 0x83: "EXT2", 0x84: "EXT4", 0x8b: "LONG4",
		0x8d: "BINUNICODE8", 0x8e: "BINBYTES8", 0x8f: "EMPTY_SET", 0x90: "ADDITEMS", 0x91: "FROZENSET", 0x92: "NEWOBJ_EX",
		0x96: "BYTEARRAY8", 0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
	}
	if name, ok := names[op]; ok {
		return name
	}
	return fmt.Sprintf("0x%02x", op)
}
