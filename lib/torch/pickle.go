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

// A pickle is a program. This machine runs its instructions and calls nothing: what torch.save makes of tensors it rebuilds itself, and
// an object of any other class is a mere object, which stands where a checkpoint keeps its arguments and is refused where a tensor is
// due. (github.com/nlpodyssey/gopickle panics on bad files, takes the memory that they ask for, and turns all floats into float32.)
type unpickler struct {
	in   []byte
	at   int
	find func(s *storage, key string) error // gives a storage its values, or notes that it wants them

	stack    []any
	marks    []int // heights of the stack
	memo     map[int]any
	storages map[string]*storage
	budget   int // bytes that values may still take
}

// The values are nil, bool, int, float64 and string as they are, and these:
type (
	global string // what an instruction may call or name, as "torch.FloatStorage"
	object struct{ class global }
	raw    string // bytes, and whole numbers of more than eight
	tuple  []any
	list   struct{ items []any }
	dict   struct{ keys, values []any }
)

// newUnpickler runs pickles of a file of n bytes.
func newUnpickler(pickled []byte, file int, find func(*storage, string) error) *unpickler {
	return &unpickler{in: pickled, find: find, memo: map[int]any{}, storages: map[string]*storage{}, budget: 4*file + 1<<20}
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
	case 'K', 'M', 'J', 0x8a, 0x8b: // BININT1, BININT2, BININT, LONG1, LONG4
		return u.integer(op)
	case '0': // POP
		_, err := u.pop()
		return err
	case 'G': // BINFLOAT
		b, err := u.bytes(8)
		if err != nil {
			return err
		}
		return u.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
	case 'X', 0x8c, 0x8d, 'T', 'U', 'B', 'C', 0x8e, 0x96: // BINUNICODE, BINSTRING, BINBYTES, their short and long forms, BYTEARRAY8
		return u.text(op)
	case ')': // EMPTY_TUPLE
		return u.push(tuple(nil))
	case '}': // EMPTY_DICT
		return u.push(&dict{})
	case ']', 0x8f: // EMPTY_LIST, EMPTY_SET
		return u.push(&list{})
	case '1': // POP_MARK
		_, err := u.popMark()
		return err
	case 0x91: // FROZENSET
		items, err := u.popMark()
		if err != nil {
			return err
		}
		u.spend(16 * len(items))
		return u.push(&list{append([]any(nil), items...)})
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
	case 'e', 0x90: // APPENDS, ADDITEMS
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
		return u.push(global(module + "." + name))
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
		return u.push(global(module + "." + name))
	case 'R': // REDUCE
		return u.reduce()
	case 0x81, 0x92: // NEWOBJ, NEWOBJ_EX
		return u.newObject(int(op))
	case 'b': // BUILD: attributes, such as a state_dict's _metadata, which say nothing of tensors
		items, err := u.popN(2)
		if err != nil {
			return err
		}
		switch inst := items[0].(type) {
		case *dict, object:
			return u.push(inst)
		default:
			return fmt.Errorf("instruction BUILD on %s, allowed on a dict or an object only", kind(inst))
		}
	case 'Q': // BINPERSID
		return u.persistent()
	default:
		return fmt.Errorf("instruction %s isn't allowed: only tensors in dicts are read", opName(op))
	}
}

func (u *unpickler) integer(op byte) error {
	n := map[byte]int{'K': 1, 'M': 2, 'J': 4, 0x8a: 1, 0x8b: 4}[op]
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
	if op == 0x8b {
		n = int(int32(binary.LittleEndian.Uint32(b)))
	}
	if n < 0 {
		return fmt.Errorf("a whole number of %d bytes", n)
	}
	if b, err = u.bytes(n); err != nil {
		return err
	}
	if n > 8 {
		return u.push(raw(b))
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

// text reads a text or bytes, whose length comes first. Python 2 pickled its texts as bytes, and so a short string of them is a text.
func (u *unpickler) text(op byte) error {
	width := 4
	switch op {
	case 0x8c, 'U', 'C':
		width = 1
	case 0x8d, 0x8e, 0x96:
		width = 8
	}
	b, err := u.bytes(width)
	if err != nil {
		return err
	}
	var length [8]byte
	copy(length[:], b)
	n := binary.LittleEndian.Uint64(length[:])
	if n > uint64(len(u.in)) {
		return errors.New("the pickle ends early")
	}
	if b, err = u.bytes(int(n)); err != nil {
		return err
	}
	switch op {
	case 'B', 'C', 0x8e, 0x96:
		return u.push(raw(b))
	case 'T', 'U':
		if !utf8.Valid(b) {
			return u.push(raw(b))
		}
	default:
		if !utf8.Valid(b) {
			return errors.New("a text isn't valid UTF-8")
		}
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
		i = int(b[0])
		if n == 4 {
			i = int(binary.LittleEndian.Uint32(b))
		}
	}
	if op == 'h' || op == 'j' {
		kept, ok := u.memo[i]
		if !ok {
			return fmt.Errorf("value %d is fetched, and wasn't kept", i)
		}
		return u.push(kept)
	}
	if len(u.stack) == 0 {
		return errors.New("nothing on the stack to keep")
	}
	u.spend(64)
	u.memo[i] = u.stack[len(u.stack)-1] // Python 2 counts from 1
	return nil
}

func (u *unpickler) setItems(items []any) error {
	if len(items)%2 != 0 || len(u.stack) == 0 {
		return errors.New("a key without a value, or no dict for them")
	}
	d, ok := u.stack[len(u.stack)-1].(*dict)
	if _, other := u.stack[len(u.stack)-1].(object); other { // a Counter, say
		return nil
	}
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
	if _, other := u.stack[len(u.stack)-1].(object); other { // a deque, say
		return nil
	}
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
	switch v := v.(type) {
	case string:
		u.spend(len(v))
	case raw:
		u.spend(len(v))
	case global:
		u.spend(len(v))
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
	case typed:
		return "a storage"
	case raw:
		return fmt.Sprintf("%d bytes", len(v))
	case global:
		return quote(string(v))
	case object:
		return "an object of " + quote(string(v.class))
	default:
		return fmt.Sprintf("a %T", v)
	}
}

// opName is pickletools' name of an instruction that is refused.
func opName(op byte) string {
	names := map[byte]string{
		'2': "DUP", 'F': "FLOAT", 'I': "INT", 'L': "LONG", 'P': "PERSID", 'S': "STRING", 'V': "UNICODE", 'd': "DICT", 'g': "GET", 'i': "INST",
		'l': "LIST", 'o': "OBJ", 'p': "PUT", 0x82: "EXT1", 0x83: "EXT2", 0x84: "EXT4", 0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
	}
	if name, ok := names[op]; ok {
		return name
	}
	return fmt.Sprintf("0x%02x", op)
}
