package medmnist

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// A .npy file is a magic word, a version, the length of a header, the header, a Python dictionary of three entries, and the elements:
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
const npyMagic = "\x93NUMPY"

const (
	maxHeader = 1 << 16
	maxRank   = 8
	firstRead = 1 << 20 // the buffer starts so small and doubles as data comes: a header can't make it large
)

var npyHeader = regexp.MustCompile(`^\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\), \}\s*$`)

// array is a .npy file's content.
type array struct {
	kind  string // NumPy's name of the elements' type, such as |u1
	shape []int
	data  []byte
}

// elements are the bytes of an element of the kinds that are read.
var elements = map[string]int{"|u1": 1, "|b1": 1, "|i1": 1, "<i2": 2, "<i4": 4, "<i8": 8, "<u2": 2, "<u4": 4, "<u8": 8}

// readNPY reads integers, of at most so many bytes. Memory stays within a small multiple of what the stream really holds.
func readNPY(r io.Reader, most int64) (array, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return array{}, short("head", err)
	}
	if string(head[:6]) != npyMagic {
		return array{}, fmt.Errorf("starts with % x: not a .npy file", head[:6])
	}
	var length uint32
	switch head[6] {
	case 1:
		var two uint16
		if err := binary.Read(r, binary.LittleEndian, &two); err != nil {
			return array{}, short("head", err)
		}
		length = uint32(two)
	case 2, 3:
		if err := binary.Read(r, binary.LittleEndian, &length); err != nil {
			return array{}, short("head", err)
		}
	default:
		return array{}, fmt.Errorf("version is %d: it must be 1, 2 or 3", head[6])
	}
	if length > maxHeader {
		return array{}, fmt.Errorf("its header has %d bytes: at most %d are read", length, maxHeader)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return array{}, short("header", err)
	}
	a, size, err := parseHeader(string(text), most)
	if err != nil {
		return array{}, err
	}
	var buf bytes.Buffer
	buf.Grow(int(min(size, firstRead)))
	// One byte more than promised tells a file that goes on from one that ends.
	n, err := buf.ReadFrom(io.LimitReader(r, size+1))
	switch {
	case err != nil:
		return array{}, short("data", err)
	case n < size:
		return array{}, fmt.Errorf("ends after %d of the %d bytes that its header promises (%v): truncated", n, size, a.shape)
	case n > size:
		return array{}, fmt.Errorf("goes on after the %d bytes that its header promises (%v)", size, a.shape)
	}
	a.data = buf.Bytes()
	return a, nil
}

// parseHeader gives an array without its data, and how many bytes they have.
func parseHeader(text string, most int64) (a array, size int64, err error) {
	parts := npyHeader.FindStringSubmatch(text)
	if parts == nil {
		return array{}, 0, fmt.Errorf("its header is %.80q: it must have descr, fortran_order and shape, as NumPy writes it", text)
	}
	a.kind = parts[1]
	element, ok := elements[a.kind]
	if !ok {
		return array{}, 0, fmt.Errorf("its elements are %q: they must be integers, such as uint8 (|u1)", a.kind)
	}
	size = int64(element)
	for field := range strings.SplitSeq(parts[3], ",") {
		if field = strings.TrimSpace(field); field == "" {
			continue
		}
		d, err := strconv.ParseInt(field, 10, 64)
		if err != nil || d < 1 || size > most/d || len(a.shape) == maxRank {
			return array{}, 0, fmt.Errorf("its shape is (%s): it must be of numbers above 0, at most %d, and make at most %d MB", parts[3], maxRank, most>>20)
		}
		size *= d
		a.shape = append(a.shape, int(d))
	}
	if parts[2] == "True" && len(a.shape) > 1 {
		return array{}, 0, errors.New("its elements lie in Fortran's order: save it in C's, numpy.ascontiguousarray(a)")
	}
	return a, size, nil
}

// integers are the elements.
func (a array) integers() []int64 {
	width := elements[a.kind]
	list := make([]int64, len(a.data)/width)
	for i := range list {
		var word [8]byte
		copy(word[:], a.data[i*width:(i+1)*width])
		v := binary.LittleEndian.Uint64(word[:])
		if strings.Contains(a.kind, "i") { // the sign's bit goes to the front, and back with its copies
			shift := 64 - 8*width
			list[i] = int64(v<<shift) >> shift
		} else {
			list[i] = int64(v)
		}
	}
	return list
}

// short says which part of the file could not be read.
func short(part string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("ends within its %s: truncated", part)
	}
	return fmt.Errorf("reading its %s: %w", part, err)
}
