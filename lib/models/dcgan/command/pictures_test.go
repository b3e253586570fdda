package command

import (
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/torch"
)

func TestReadRefuses(t *testing.T) {
	for want, c := range map[string]struct {
		name  string
		shape []int
	}{
		"holds [pictures]: it must hold a tensor images": {"pictures", []int{1, 2, 2, 1}},
		"images is [1 2 2]":   {"images", []int{1, 2, 2}},
		"images is [1 2 1 2]": {"images", []int{1, 2, 1, 2}},
	} {
		n := 4
		for _, d := range c.shape {
			n *= d
		}
		file, state := filepath.Join(t.TempDir(), "p.safetensors"), &torch.StateDict{}
		state.Set(c.name, torch.Tensor{DType: torch.F32, Shape: c.shape, Data: make([]byte, n)})
		if err := torch.Write(file, state); err != nil {
			t.Fatal(err)
		}
		if _, _, err := read(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
