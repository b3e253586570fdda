package medmnist

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// What NumPy 2.4.6 writes: numpy.save of [[1], [-2]] as <i2, and of 3 as |u1.
var (
	column = "\x93NUMPY\x01\x00v\x00{'descr': '<i2', 'fortran_order': False, 'shape': (2, 1), }" + strings.Repeat(" ", 58) + "\n\x01\x00\xfe\xff"
	scalar = "\x93NUMPY\x01\x00v\x00{'descr': '|u1', 'fortran_order': False, 'shape': (), }" + strings.Repeat(" ", 62) + "\n\x03"
)

func TestReadNPY(t *testing.T) {
	a, err := readNPY(strings.NewReader(column), 1<<20)
	if err != nil || !slices.Equal(a.shape, []int{2, 1}) || !slices.Equal(a.integers(), []int64{1, -2}) {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err = readNPY(strings.NewReader(scalar), 1<<20); err != nil || len(a.shape) != 0 || !slices.Equal(a.integers(), []int64{3}) {
		t.Errorf("%+v, %v", a, err)
	}
	for want, text := range map[string]string{
		"Fortran's order":       strings.NewReplacer("False", "True", "}", "} ").Replace(column),
		"version is 9":          strings.Replace(column, "\x01", "\x09", 1),
		"65792 bytes: at most":  strings.Replace(column, "\x01\x00v\x00", "\x02\x00\x00\x01\x01\x00", 1),
		"ends within its head:": column[:9],
	} {
		if _, err := readNPY(strings.NewReader(text), 1<<20); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// A header that promises much takes no more memory than what is there.
func TestReadNPYMemory(t *testing.T) {
	data := npy("|u1", "1000000000,", 1, 2, 3)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := readNPY(bytes.NewReader(data), maxImages)
	runtime.ReadMemStats(&after)
	if err == nil || after.TotalAlloc-before.TotalAlloc > 4<<20 {
		t.Errorf("%d bytes allocated, error %v", after.TotalAlloc-before.TotalAlloc, err)
	}
}

func FuzzReadNPY(f *testing.F) {
	f.Add([]byte(column))
	f.Add([]byte(scalar))
	f.Add(npy("|u1", "2, 2, 2", 1, 2, 3, 4, 5, 6, 7, 8))
	f.Add(npy("|u1", "99999999, 99999999, 99999999, 99999999"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := readNPY(bytes.NewReader(b), 1<<20)
		if err != nil {
			return
		}
		size := elements[a.kind]
		for _, d := range a.shape {
			size *= d
		}
		if len(a.data) != size || size < 1 || len(a.integers()) != size/elements[a.kind] {
			t.Errorf("%d bytes for %v of %s", len(a.data), a.shape, a.kind)
		}
	})
}
