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
)

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
