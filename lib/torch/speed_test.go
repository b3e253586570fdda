package torch

import (
	"fmt"
	"path/filepath"
	"testing"
)

// encoderSized is a state_dict of the size of the article's encoder: 59.5 MB in 80 tensors.
func encoderSized() *StateDict {
	sd := &StateDict{}
	for i := range 80 {
		sd.Set(fmt.Sprintf("layers.%d.weight", i), Tensor{F32, []int{363, 512}, make([]byte, 363*512*4)})
	}
	return sd
}

func BenchmarkRead(b *testing.B) {
	path := filepath.Join(b.TempDir(), "w.safetensors")
	if err := Write(path, encoderSized()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		sd, err := Read(path)
		if err != nil {
			b.Fatal(err)
		}
		for _, name := range sd.Names() {
			t, _ := sd.Get(name)
			if _, err := t.ToGoMLX(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	path := filepath.Join(b.TempDir(), "w.safetensors")
	sd := encoderSized()
	for b.Loop() {
		if err := Write(path, sd); err != nil {
			b.Fatal(err)
		}
	}
}
