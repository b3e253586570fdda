package mnist

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// An IDX file is a magic number (two zero bytes, the type of an element, the number of dimensions),
// the dimensions as big-endian uint32, and the elements, last dimension fastest.
// http://yann.lecun.com/exdb/mnist/, "The IDX file format".
const (
	idxUint8  = 0x08
	firstRead = 1 << 20 // the buffer starts so small and doubles as data comes: a header can't make it large
)

// readIDXFile reads an IDX file of bytes, gzipped or not (told by its content, not by its name).
func readIDXFile(path string, rank int) (dims []int, data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("mnist: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from: nothing to lose
	dims, data, err = readIDX(f, rank)
	if err != nil {
		return nil, nil, fmt.Errorf("mnist: reading %s: %w", path, err)
	}
	return dims, data, nil
}

// readIDX reads bytes of the given rank, gzipped or not. Memory stays within a small multiple of what
// the stream really holds, and of what its header promises, whichever is less.
func readIDX(r io.Reader, rank int) (dims []int, data []byte, err error) {
	br := bufio.NewReaderSize(r, 1<<16)
	var in io.Reader = br
	if magic, err := br.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		gz, err := gzip.NewReader(br)
		if err != nil {
			return nil, nil, fmt.Errorf("broken gzip header: %w", err)
		}
		in = gz
	}

	var magic [4]byte
	if _, err := io.ReadFull(in, magic[:]); err != nil {
		return nil, nil, short("magic number", err)
	}
	if magic[0] != 0 || magic[1] != 0 {
		return nil, nil, fmt.Errorf("starts with % x: not an IDX file (they start with 00 00)", magic)
	}
	if magic[2] != idxUint8 {
		return nil, nil, fmt.Errorf("element type 0x%02x; only unsigned bytes (0x%02x) are read", magic[2], idxUint8)
	}
	if int(magic[3]) != rank {
		return nil, nil, fmt.Errorf("%d dimensions, want %d (images have 3, labels 1)", magic[3], rank)
	}

	dims = make([]int, rank)
	size := int64(1)
	for i := range dims {
		var word [4]byte
		if _, err := io.ReadFull(in, word[:]); err != nil {
			return nil, nil, short("dimensions", err)
		}
		d := int64(binary.BigEndian.Uint32(word[:]))
		if d == 0 {
			return nil, nil, fmt.Errorf("dimension %d is 0: no data", i)
		}
		if d > math.MaxInt32 || size > (math.MaxInt-1)/d {
			return nil, nil, fmt.Errorf("dimension %d is %d: more than fits in memory", i, d)
		}
		dims[i] = int(d)
		size *= d
	}

	var buf bytes.Buffer
	buf.Grow(int(min(size, firstRead)))
	// One byte more than promised tells a file that goes on from one that ends.
	n, err := buf.ReadFrom(io.LimitReader(in, size+1))
	switch {
	case err != nil:
		return nil, nil, short("data", err)
	case n < size:
		return nil, nil, fmt.Errorf("ends after %d of the %d bytes that its header promises (%v): truncated", n, size, dims)
	case n > size:
		return nil, nil, fmt.Errorf("goes on after the %d bytes that its header promises (%v)", size, dims)
	}
	return dims, buf.Bytes(), nil
}

// short says which part of the file could not be read.
func short(part string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("ends within its %s: truncated", part)
	}
	return fmt.Errorf("reading its %s: %w", part, err)
}
