package style

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/torch"
)

// zeros are the tensors of torchvision's VGG with so many convolutions, and one of its classifier.
func zeros(c VGGConfig) *torch.StateDict {
	state, in, module := &torch.StateDict{}, 3, 0
	set := func(name string, shape ...int) {
		n := 4
		for _, d := range shape {
			n *= d
		}
		state.Set(name, torch.Tensor{DType: torch.F32, Shape: shape, Data: make([]byte, n)})
	}
	for _, width := range c.Widths {
		if width == Pooling {
			module++
			continue
		}
		set(fmt.Sprintf("features.%d.weight", module), width, in, 3, 3)
		set(fmt.Sprintf("features.%d.bias", module), width)
		in, module = width, module+2
	}
	set("classifier.6.bias", 1000)
	return state
}

func TestReadVGG(t *testing.T) {
	for file, config := range map[string]VGGConfig{"vgg16.safetensors": VGG16(), "vgg19.safetensors": VGG19()} {
		path := filepath.Join(t.TempDir(), file)
		if err := torch.Write(path, zeros(config)); err != nil {
			t.Fatal(err)
		}
		v, state, err := ReadVGG(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(v.Features) != len(VGG16().Widths)+13 && len(v.Features) != len(VGG19().Widths)+16 || state.Len() != 26 && state.Len() != 32 {
			t.Errorf("%s: %d modules, %d tensors", file, len(v.Features), state.Len())
		}
		if v.deviation[0] != imageNetDeviation[0] {
			t.Errorf("%s: pictures are divided by %v", file, v.deviation)
		}
	}
}

func TestReadVGGRefuses(t *testing.T) {
	few := &torch.StateDict{}
	few.Set("features.0.weight", torch.Tensor{DType: torch.F32, Shape: []int{1, 3, 3, 3}, Data: make([]byte, 108)})
	path := filepath.Join(t.TempDir(), "few.safetensors")
	if err := torch.Write(path, few); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadVGG(path); err == nil || !strings.Contains(err.Error(), "it has 1 convolutions") {
		t.Errorf("too few: %v", err)
	}
	for _, name := range []string{"absent.h5", "absent.pth"} {
		if _, _, err := ReadVGG(filepath.Join(t.TempDir(), name)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTurned holds that a kernel's axes are turned, and its channels where they are backwards.
func TestTurned(t *testing.T) {
	const in, out = 3, 2
	kernel := make([]float64, 9*in*out)
	for i := range kernel {
		kernel[i] = float64(i)
	}
	for _, backwards := range []bool{false, true} {
		made := turned(kernel, in, out, backwards)
		for place := range 9 {
			for i := range in {
				for o := range out {
					from := i
					if backwards {
						from = in - 1 - i
					}
					if got, want := made[(o*in+i)*9+place], float64((place*in+from)*out+o); got != want {
						t.Fatalf("backwards %v: out %d, in %d, place %d is %g, not %g", backwards, o, i, place, got, want)
					}
				}
			}
		}
	}
}
