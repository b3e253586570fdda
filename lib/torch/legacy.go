package torch

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// The format of torch.save before PyTorch 1.6 (torch/serialization.py, _legacy_save): five pickles in a row (a magic number, the
// protocol, the writer's machine, the object, its storages' keys), then the storages in that order: eight bytes with the number of
// values, and the values, little-endian.

// legacyMagic is the number that the first pickle holds.
const legacyMagic = raw("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")

const legacyProtocol = 1001

// looksLegacy says whether a file starts with a pickle of the magic number.
func looksLegacy(start []byte) bool {
	return len(start) > 0 && start[0] == 0x80 && bytes.Contains(start[:min(32, len(start))], []byte(legacyMagic))
}

func readLegacy(file []byte, key string) (*StateDict, error) {
	at := 0
	wanted := map[string]*storage{}
	next := func(what string) (any, error) {
		u := newUnpickler(file[at:], len(file), func(s *storage, key string) error {
			wanted[key] = s
			return nil
		})
		v, err := u.run()
		if err != nil {
			return nil, fmt.Errorf("in the pickle of %s, at byte %d: %w", what, at+u.at, err)
		}
		at += u.at
		return v, nil
	}
	var parts [5]any
	for i, what := range []string{"the magic number", "the protocol", "the writer's machine", "the object", "the storages' keys"} {
		var err error
		if parts[i], err = next(what); err != nil {
			return nil, err
		}
	}
	if parts[0] != legacyMagic || parts[1] != legacyProtocol {
		return nil, fmt.Errorf("the file starts with %s and %s, must start with torch.save's magic number and protocol %d", kind(parts[0]), kind(parts[1]), legacyProtocol)
	}
	keys, ok := parts[4].(*list)
	if !ok {
		return nil, fmt.Errorf("%s where the list of the storages' keys is due", kind(parts[4]))
	}
	pickled := at
	for _, k := range keys.items {
		key, ok := k.(string)
		s := wanted[key]
		if !ok || s == nil {
			return nil, fmt.Errorf("the list of storages has %s, which no tensor names", kind(k))
		}
		if len(file)-at < 8 {
			return nil, fmt.Errorf("the file ends before storage %s: it was cut short", quote(key))
		}
		n := binary.LittleEndian.Uint64(file[at:])
		at += 8
		if s.width == 0 || n > maxBits/8 || int(n)*s.width != s.size {
			return nil, fmt.Errorf("storage %s has %d values in its place, and %d bytes by what the tensors say", quote(key), n, s.size)
		}
		if s.size > len(file)-at {
			return nil, fmt.Errorf("storage %s should take %d bytes, %d follow: the file was cut short", quote(key), s.size, len(file)-at)
		}
		s.data = file[at : at+s.size : at+s.size]
		at += s.size
		delete(wanted, key)
	}
	for key, s := range wanted {
		if s.size > 0 {
			return nil, fmt.Errorf("the file lacks storage %s", quote(key))
		}
	}
	return stateOf(parts[3], key, len(file), pickled)
}
