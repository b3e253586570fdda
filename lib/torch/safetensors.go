package torch

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/google/renameio/v2"

	"genlab/lib/data/files"
)

// The safetensors format (https://huggingface.co/docs/safetensors): eight bytes with the header's length, the header (a JSON object
// from names to dtype, shape and place), the values. The package of github.com/gomlx/go-huggingface writes none, and takes a header's
// offsets on trust.

// maxHeader is the reference's limit on a header's length.
const maxHeader = 100_000_000

// readSafetensors reads a safetensors file. It accepts what the reference accepts, in the letter of the format's text.
func readSafetensors(r io.ReaderAt, size int64) (*StateDict, error) {
	entries, metadata, start, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	data, err := readAll(r, start, size-start)
	if err != nil {
		return nil, err
	}
	sd := &StateDict{Metadata: metadata, names: make([]string, 0, len(entries)), tensors: make(map[string]Tensor, len(entries))}
	for _, e := range entries {
		sd.Set(e.name, Tensor{e.dtype, e.shape, data[e.start:e.end:e.end]})
	}
	return sd, nil
}

// ReadShapes tells what a safetensors file holds, from its header alone.
func ReadShapes(path string) ([]Spec, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	entries, _, _, err := readHeader(f, size)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	specs := make([]Spec, len(entries))
	for i, e := range entries {
		specs[i] = Spec{e.name, e.shape}
	}
	return specs, nil
}

// readHeader reads what tensors a safetensors file has, and where their values start.
func readHeader(r io.ReaderAt, size int64) (entries []entry, metadata map[string]string, start int64, err error) {
	var length [8]byte
	if _, err := r.ReadAt(length[:], 0); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil, 0, fmt.Errorf("not a safetensors file: it has %d bytes, the length of the header alone takes 8", size)
		}
		return nil, nil, 0, err
	}
	n := binary.LittleEndian.Uint64(length[:])
	switch {
	case string(length[:]) == "version ":
		return nil, nil, 0, errors.New("this is a pointer of Git LFS in place of the file: fetch it with git lfs pull")
	case n > uint64(size-8):
		return nil, nil, 0, fmt.Errorf("not a safetensors file, or cut short: the header should take %d bytes, %d follow", n, size-8)
	case n > maxHeader:
		return nil, nil, 0, fmt.Errorf("the header takes %d bytes, at most %d are allowed", n, maxHeader)
	}
	header, err := readAll(r, 8, int64(n))
	if err != nil {
		return nil, nil, 0, err
	}
	if entries, metadata, err = parseHeader(header); err != nil {
		return nil, nil, 0, err
	}
	return entries, metadata, 8 + int64(n), checkPlaces(entries, uint64(size)-8-n)
}

// readAll reads n bytes from a place on, or says that the machine hasn't the memory: a sparse file may claim any size.
func readAll(r io.ReaderAt, at, n int64) ([]byte, error) {
	if err := room(n); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	if n, err := r.ReadAt(b, at); n < len(b) {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the file became shorter while it was read")
		}
		return nil, err
	}
	return b, nil
}

// entry is a header's line about one tensor.
type entry struct {
	name       string
	dtype      DType
	shape      []int
	start, end uint64
}

// checkPlaces sorts the entries by their place and checks that they fill the data from its first byte to its last, as the reference
// does, without hole or overlap.
func checkPlaces(entries []entry, size uint64) error {
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	var at uint64
	for _, e := range entries {
		n, err := e.dtype.bytes(e.shape)
		switch {
		case err != nil:
			return fmt.Errorf("tensor %s: %w", quote(e.name), err)
		case e.end < e.start:
			return fmt.Errorf("tensor %s: data_offsets [%d,%d] run backwards", quote(e.name), e.start, e.end)
		case e.end > size:
			return fmt.Errorf("tensor %s: data_offsets [%d,%d] end beyond the %d bytes of data: a file cut short?", quote(e.name), e.start, e.end, size)
		case e.start < at:
			return fmt.Errorf("tensor %s: data_offsets [%d,%d] overlap the tensor that ends at %d", quote(e.name), e.start, e.end, at)
		case e.start > at:
			return fmt.Errorf("tensor %s: data_offsets [%d,%d] leave a hole after %d", quote(e.name), e.start, e.end, at)
		case e.end-e.start != uint64(n):
			return fmt.Errorf("tensor %s: data_offsets [%d,%d] give %d bytes, %s of shape %v takes %d", quote(e.name), e.start, e.end, e.end-e.start, e.dtype, e.shape, n)
		}
		at = e.end
	}
	if at != size {
		return fmt.Errorf("the tensors take %d bytes of data, there are %d", at, size)
	}
	return nil
}

// quote shortens a name from a file for a message.
func quote(name string) string {
	if len(name) > 200 {
		name = name[:200] + "…"
	}
	return strconv.Quote(name)
}

// parseHeader reads token by token: json.Unmarshal would forgive names that come twice and keys in another case.
func parseHeader(header []byte) ([]entry, map[string]string, error) {
	if len(header) == 0 || header[0] != '{' {
		return nil, nil, errors.New("not a safetensors file: the header doesn't begin with {")
	}
	if !utf8.Valid(header) {
		return nil, nil, errors.New("the header isn't valid UTF-8")
	}
	p := parser{json.NewDecoder(bytes.NewReader(header))}
	p.UseNumber()
	var entries []entry
	var metadata map[string]string
	seen := map[string]bool{}
	err := p.object(func(name string) error {
		if seen[name] {
			return fmt.Errorf("the name %s comes twice", quote(name))
		}
		seen[name] = true
		if name == "__metadata__" {
			m, err := p.metadata()
			metadata = m
			return err
		}
		e, err := p.entry()
		if err != nil {
			return fmt.Errorf("tensor %s: %w", quote(name), err)
		}
		e.name = name
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("in the header: %w", err)
	}
	if rest := bytes.Trim(header[p.InputOffset():], " "); len(rest) > 0 {
		return nil, nil, fmt.Errorf("in the header: %d bytes follow the JSON object", len(rest))
	}
	return entries, metadata, nil
}

type parser struct{ *json.Decoder }

// object reads an object, calling value after each key.
func (p parser) object(value func(key string) error) error {
	if err := p.delim('{'); err != nil {
		return err
	}
	for p.More() {
		key, err := p.string()
		if err != nil {
			return err
		}
		if err := value(key); err != nil {
			return err
		}
	}
	return p.delim('}')
}

func (p parser) entry() (e entry, err error) {
	seen := map[string]bool{}
	err = p.object(func(key string) error {
		if seen[key] {
			return fmt.Errorf("%s comes twice", quote(key))
		}
		seen[key] = true
		switch key {
		case "dtype":
			d, err := p.string()
			e.dtype = DType(d)
			return err
		case "shape":
			dims, err := p.numbers(maxRank)
			e.shape = make([]int, len(dims))
			for i, d := range dims {
				if d > math.MaxInt {
					return fmt.Errorf("an axis of length %d", d)
				}
				e.shape[i] = int(d)
			}
			return err
		case "data_offsets":
			at, err := p.numbers(2)
			if err == nil && len(at) != 2 {
				err = fmt.Errorf("data_offsets has %d numbers, must have 2", len(at))
			}
			if err == nil {
				e.start, e.end = at[0], at[1]
			}
			return err
		default:
			return fmt.Errorf("unknown key %s, allowed are dtype, shape and data_offsets", quote(key))
		}
	})
	for _, key := range []string{"dtype", "shape", "data_offsets"} {
		if err == nil && !seen[key] {
			err = fmt.Errorf("no %s", key)
		}
	}
	return e, err
}

func (p parser) metadata() (map[string]string, error) {
	m := map[string]string{}
	err := p.object(func(key string) error {
		if _, ok := m[key]; ok {
			return fmt.Errorf("the key %s comes twice", quote(key))
		}
		text, err := p.string()
		m[key] = text
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("__metadata__: %w", err)
	}
	return m, nil
}

// numbers reads a list of at most n non-negative whole numbers.
func (p parser) numbers(most int) ([]uint64, error) {
	if err := p.delim('['); err != nil {
		return nil, err
	}
	var list []uint64
	for p.More() {
		t, err := p.token()
		if err != nil {
			return nil, err
		}
		text, _ := t.(json.Number)
		n, err := strconv.ParseUint(string(text), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s where a whole number from 0 is due", show(t))
		}
		if len(list) == most {
			return nil, fmt.Errorf("a list of more than %d numbers", most)
		}
		list = append(list, n)
	}
	return list, p.delim(']')
}

func (p parser) string() (string, error) {
	t, err := p.token()
	if err != nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", fmt.Errorf("%s where a text is due", show(t))
	}
	return s, nil
}

func (p parser) delim(want json.Delim) error {
	t, err := p.token()
	if err == nil && t != want {
		err = fmt.Errorf("%s where %s is due", show(t), want)
	}
	return err
}

func (p parser) token() (json.Token, error) {
	t, err := p.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("not JSON at byte %d: %w", p.InputOffset(), err)
	}
	return t, nil
}

func show(t json.Token) string { return quote(fmt.Sprint(t)) }

// Write writes a safetensors file, the very bytes of the reference's writer: widest dtypes first, then by name. The file appears whole
// or not at all.
func Write(path string, sd *StateDict) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing %s: %w", path, err)
		}
	}()
	names := sd.Names()
	for _, name := range names {
		if name == "__metadata__" || !utf8.ValidString(name) {
			return fmt.Errorf("a tensor can't be named %s", quote(name))
		}
		if err := sd.tensors[name].validate(); err != nil {
			return fmt.Errorf("tensor %s: %w", quote(name), err)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(dtypeTable[sd.tensors[b].DType].order-dtypeTable[sd.tensors[a].DType].order, cmp.Compare(a, b))
	})
	header := formatHeader(sd, names)

	files.Sweep(filepath.Dir(path), regexp.MustCompile(`^\.`+regexp.QuoteMeta(filepath.Base(path))+`[0-9]+$`))
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
	if err != nil {
		return err
	}
	defer func() { _ = f.Cleanup() }() // nothing to do after the replacing
	files.Claim(f.File)
	if _, err := f.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))); err != nil {
		return err
	}
	if _, err := f.Write(header); err != nil {
		return err
	}
	for _, name := range names {
		if _, err := f.Write(sd.tensors[name].Data); err != nil {
			return err
		}
	}
	return f.CloseAtomicallyReplace()
}

// formatHeader is the header's JSON, filled up with spaces to a multiple of 8.
func formatHeader(sd *StateDict, names []string) []byte {
	b := []byte{'{'}
	if len(sd.Metadata) > 0 {
		b = append(b, `"__metadata__":{`...)
		for i, key := range slices.Sorted(maps.Keys(sd.Metadata)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, key)
			b = append(b, ':')
			b = appendString(b, sd.Metadata[key])
		}
		b = append(b, '}')
	}
	at := 0
	for _, name := range names {
		t := sd.tensors[name]
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = appendString(b, name)
		b = fmt.Appendf(b, `:{"dtype":%q,"shape":[`, string(t.DType))
		for i, dim := range t.Shape {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, int64(dim), 10)
		}
		b = fmt.Appendf(b, `],"data_offsets":[%d,%d]}`, at, at+len(t.Data))
		at += len(t.Data)
	}
	b = append(b, '}')
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	return b
}

// appendString appends a JSON string without the escapes that only HTML needs.
func appendString(b []byte, s string) []byte {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string into memory never fails
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
}
