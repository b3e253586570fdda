package torch

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// looksSaved says whether a file starts as torch.save's do: a zip, or, before PyTorch 1.6, pickles in a row.
func looksSaved(start []byte) bool {
	return bytes.HasPrefix(start, []byte("PK\x03\x04")) || looksLegacy(start)
}

// readTorch reads what torch.save wrote: a zip, uncompressed, with a pickle NAME/data.pkl and the values of each storage in a file
// NAME/data/KEY (torch/csrc/jit/serialize/inline_container.h), or the format of before. key says which of its dicts; see [ReadKey].
func readTorch(r io.ReaderAt, size int64, key string) (*StateDict, error) {
	file, err := readAll(r, 0, size)
	if err != nil {
		return nil, err
	}
	if looksLegacy(file) {
		return readLegacy(file, key)
	}
	a, err := openArchive(file)
	if err != nil {
		return nil, err
	}
	if order, err := a.record("byteorder"); err == nil && string(order) != "little" {
		return nil, fmt.Errorf("the values' byte order is %q, only little is read", order)
	}
	if _, ok := a.files["constants.pkl"]; ok {
		return nil, errors.New("this is a TorchScript program: save the state_dict alone, torch.save(model.state_dict(), path)")
	}
	pickled, err := a.record("data.pkl")
	if err != nil {
		return nil, err
	}
	return unpickle(pickled, key, len(file), func(key string) ([]byte, error) { return a.record("data/" + key) })
}

// unpickle runs the pickle of a file of n bytes and gathers the tensors. record finds the values of a storage.
func unpickle(pickled []byte, key string, file int, record func(string) ([]byte, error)) (*StateDict, error) {
	u := newUnpickler(pickled, file, func(s *storage, key string) (err error) {
		if s.data, err = record(key); err == nil && len(s.data) != s.size {
			err = fmt.Errorf("storage %s should hold %d values of %d bytes, its record has %d bytes", quote(key), s.size/s.width, s.width, len(s.data))
		}
		return err
	})
	top, err := u.run()
	if err != nil {
		return nil, fmt.Errorf("in the pickle, at byte %d: %w", u.at, err)
	}
	return stateOf(top, key, file, len(pickled))
}

// archive is a zip whose files lie in one folder.
type archive struct {
	data  []byte
	files map[string]*zip.File // by their name below the folder
	read  uint64               // bytes given out
}

func openArchive(data []byte) (*archive, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("not a file of torch.save, or cut short: %w", err)
	}
	a := &archive{data: data, files: make(map[string]*zip.File, len(z.File))}
	folder := ""
	for i, f := range z.File {
		if i == 0 {
			folder, _, _ = strings.Cut(f.Name, "/")
		}
		name, ok := strings.CutPrefix(f.Name, folder+"/")
		if !ok {
			continue
		}
		if a.files[name] != nil {
			return nil, fmt.Errorf("the zip holds %s twice", quote(f.Name))
		}
		a.files[name] = f
	}
	return a, nil
}

// record gives the bytes of a file in the archive. Each is asked for once.
func (a *archive) record(name string) ([]byte, error) {
	f := a.files[name]
	if f == nil {
		return nil, fmt.Errorf("not a file of torch.save: the zip holds no %s", quote(name))
	}
	if f.Method != zip.Store || f.Flags&1 != 0 || f.CompressedSize64 != f.UncompressedSize64 {
		return nil, fmt.Errorf("%s in the zip is compressed or encrypted, which torch.save never does", quote(name))
	}
	start, err := f.DataOffset()
	if err != nil {
		return nil, fmt.Errorf("%s in the zip: %w", quote(name), err)
	}
	n := f.UncompressedSize64
	if start < 0 || start > int64(len(a.data)) || n > uint64(int64(len(a.data))-start) {
		return nil, fmt.Errorf("%s in the zip should take %d bytes from %d, the file ends at %d", quote(name), n, start, len(a.data))
	}
	// Files that overlap would make the sums below take for ever.
	if a.read += n; a.read > uint64(len(a.data)) {
		return nil, fmt.Errorf("%s in the zip overlaps another file", quote(name))
	}
	b := a.data[start : start+int64(n) : start+int64(n)]
	if crc32.ChecksumIEEE(b) != f.CRC32 {
		return nil, fmt.Errorf("%s in the zip is damaged: its checksum differs", quote(name))
	}
	return b, nil
}
