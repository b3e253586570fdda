package mnist

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"genlab/lib/data/files"
	"io"
)

// An IDX file is a magic number (two zero bytes, the type of an element, the number of dimensions),
// the dimensions as big-endian uint32, and the elements, last dimension fastest.
// http://yann.lecun.com/exdb/mnist/, "The IDX file format".
const (
	idxUint8  = 0x08
	firstRead = 1 << 20   // the buffer starts so small and doubles as data comes: a header can't make it large
	muchData  = 64 << 20  // is counted first, so that a small file can't make it large either
	maxData   = 640 << 20 // the largest of EMNIST's sets has 547 million bytes
)

// readIDXFile reads an IDX file of bytes, gzipped or not (told by its content, not by its name).
func readIDXFile(path string, rank int) (dims []int, data []byte, err error) {
	f, _, err := files.Open(path)
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
func readIDX(r io.ReadSeeker, rank int) (dims []int, data []byte, err error) {
	in, dims, size, err := readIDXHead(r, rank)
	if err != nil {
		return nil, nil, err
	}
	if size > muchData {
		n, err := io.Copy(io.Discard, io.LimitReader(in, size+1))
		if err := checkLength(n, err, size, dims); err != nil {
			return nil, nil, err
		}
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return nil, nil, err
		}
		if in, _, _, err = readIDXHead(r, rank); err != nil {
			return nil, nil, err
		}
		data = make([]byte, size)
		_, err = io.ReadFull(in, data)
		return dims, data, err
	}
	var buf bytes.Buffer
	buf.Grow(int(min(size, firstRead)))
	// One byte more than promised tells a file that goes on from one that ends.
	n, err := buf.ReadFrom(io.LimitReader(in, size+1))
	if err := checkLength(n, err, size, dims); err != nil {
		return nil, nil, err
	}
	return dims, buf.Bytes(), nil
}

// checkLength says whether as many bytes were read as promised. readErr is the reading's error.
func checkLength(n int64, readErr error, size int64, dims []int) error {
	switch {
	case readErr != nil:
		return short("data", readErr)
	case n < size:
		return fmt.Errorf("ends after %d of the %d bytes that its header promises (%v): truncated", n, size, dims)
	case n > size:
		return fmt.Errorf("goes on after the %d bytes that its header promises (%v)", size, dims)
	}
	return nil
}

// readIDXHead reads up to the first element, and gives the elements, their dimensions and their number.
func readIDXHead(r io.Reader, rank int) (in io.Reader, dims []int, size int64, err error) {
	br := bufio.NewReaderSize(r, 1<<16)
	in = br
	if magic, err := br.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		if in, err = gzip.NewReader(br); err != nil {
			return nil, nil, 0, fmt.Errorf("broken gzip header: %w", err)
		}
	}

	var magic [4]byte
	if _, err := io.ReadFull(in, magic[:]); err != nil {
		return nil, nil, 0, short("magic number", err)
	}
	if magic[0] != 0 || magic[1] != 0 {
		return nil, nil, 0, fmt.Errorf("starts with % x: not an IDX file (they start with 00 00)", magic)
	}
	if magic[2] != idxUint8 {
		return nil, nil, 0, fmt.Errorf("element type 0x%02x; only unsigned bytes (0x%02x) are read", magic[2], idxUint8)
	}
	if int(magic[3]) != rank {
		return nil, nil, 0, fmt.Errorf("%d dimensions: there must be %d (images have 3, labels 1)", magic[3], rank)
	}

	dims = make([]int, rank)
	size = 1
	for i := range dims {
		var word [4]byte
		if _, err := io.ReadFull(in, word[:]); err != nil {
			return nil, nil, 0, short("dimensions", err)
		}
		d := int64(binary.BigEndian.Uint32(word[:]))
		if d == 0 {
			return nil, nil, 0, fmt.Errorf("dimension %d is 0: no data", i)
		}
		if size > maxData/d {
			return nil, nil, 0, fmt.Errorf("dimension %d is %d, and all data more than %d MB", i, d, maxData>>20)
		}
		dims[i] = int(d)
		size *= d
	}
	return in, dims, size, nil
}

// short says which part of the file could not be read.
func short(part string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("ends within its %s: truncated", part)
	}
	return fmt.Errorf("reading its %s: %w", part, err)
}
