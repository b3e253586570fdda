package mnist

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestReadIDXErrors(t *testing.T) {
	good := idx([]uint32{2, 1, 2}, 1, 2, 3, 4)
	zipped := gzipped(good)
	spoiled := bytes.Clone(zipped)
	spoiled[len(spoiled)-6] ^= 1 // in the checksum
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "within its magic number"},
		{"text", []byte("<!DOCTYPE html>"), "not an IDX file"},
		{"floats", []byte{0, 0, 0x0d, 3}, "element type 0x0d"},
		{"rank", idx([]uint32{4}, 1, 2, 3, 4), "1 dimensions: there must be 3"},
		{"cut header", good[:10], "within its dimensions"},
		{"cut", good[:len(good)-1], "after 3 of the 4 bytes"},
		{"longer", append(bytes.Clone(good), 0), "goes on after the 4 bytes"},
		{"zero", idx([]uint32{1 << 31, 0, 2}), "dimension 0 is"},
		{"EMNIST's size, cut", idx([]uint32{697_932, 28, 28}, 1, 2, 3), "after 3 of the 547178688 bytes"},
		{"zero rows", idx([]uint32{9, 0, 2}), "dimension 1 is 0"},
		{"overflow", idx([]uint32{1<<31 - 1, 1<<31 - 1, 1<<31 - 1}), "all data more than 640 MB"},
		{"gzip alone", []byte{0x1f, 0x8b}, "broken gzip header"},
		{"cut gzip", zipped[:len(zipped)-3], "truncated"},
		{"gzip checksum", spoiled, "checksum"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := readIDX(bytes.NewReader(c.data), 3)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}

	path := filepath.Join(t.TempDir(), "broken.gz")
	if err := os.WriteFile(path, zipped[:20], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := readIDXFile(path, 3); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v doesn't name the file", err)
	}
}

// A header that promises 8 EB, and a gzipped mass behind a header that promises four bytes, must
// both be refused at little cost.
func TestReadIDXMemory(t *testing.T) {
	bomb := gzipped(append(idx([]uint32{1, 2, 2}), make([]byte, 16<<20)...))
	for name, data := range map[string][]byte{
		"lying header": idx([]uint32{1 << 30, 1 << 16, 1 << 16}, 1, 2, 3),
		"gzip bomb":    bomb,
		"much missing": idx([]uint32{697_932, 28, 28}, 1, 2, 3),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := readIDX(bytes.NewReader(data), 3)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
			t.Errorf("%s: %d bytes allocated", name, grown)
		}
	}
}

func FuzzReadIDX(f *testing.F) {
	good := idx([]uint32{2, 1, 2}, 1, 2, 3, 4)
	f.Add(good)
	f.Add(gzipped(good))
	f.Add(idx([]uint32{3}, 1, 2, 3))
	f.Add(idx([]uint32{1 << 30, 1 << 30, 1 << 30}))
	f.Add([]byte{0x1f, 0x8b, 8})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, rank := range []int{1, 3} {
			dims, data, err := readIDX(bytes.NewReader(b), rank)
			if err != nil {
				continue
			}
			size := 1
			for _, d := range dims {
				size *= d
			}
			if len(dims) != rank || len(data) != size || size == 0 {
				t.Errorf("%d bytes for %v", len(data), dims)
			}
		}
	})
}
