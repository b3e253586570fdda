package torch

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend/backendtest"
	"genlab/lib/nn"
)

// net is the module of testdata/make.py, its convolution's kernel kept as [height, width, in, out].
type net struct {
	Conv params     `nn:"conv"`
	Norm params     `nn:"norm"`
	Out  *nn.Linear `nn:"out"`
	Tied *nn.Linear `nn:"tied"`
}

type params struct {
	Weight  *nn.Param `nn:"weight"`
	Bias    *nn.Param `nn:"bias"`
	Mean    *nn.Param `nn:"running_mean"`
	Var     *nn.Param `nn:"running_var"`
	Batches *nn.Param `nn:"num_batches_tracked"`
}

func newNet() *net {
	two := func(buffer bool) *nn.Param { return &nn.Param{Shape: []int{2}, Buffer: buffer} }
	n := &net{
		Conv: params{Weight: &nn.Param{Shape: []int{3, 3, 1, 2}, Perm: []int{3, 2, 0, 1}}, Bias: two(false)},
		Norm: params{
			Weight: two(false), Bias: two(false), Mean: two(true), Var: two(true),
			Batches: &nn.Param{DType: dtypes.Int64, Buffer: true},
		},
		Out:  nn.NewLinear(3, 2, true),
		Tied: nn.NewLinear(3, 2, true),
	}
	n.Tied.Weight = n.Out.Weight
	return nn.Name(n)
}

func TestLoadAndSave(t *testing.T) {
	file, err := Read("testdata/net.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	for _, created := range []bool{false, true} {
		n, s := newNet(), model.NewStore().RootScope()
		if created {
			if err := nn.Create(s, n, 1); err != nil {
				t.Fatal(err)
			}
		}
		if err := Load(s, n, file, false); err != nil {
			t.Fatal(err)
		}
		for path, p := range nn.Params(n) {
			v, err := p.Variable(s)
			if err != nil {
				t.Fatal(err)
			}
			if v.Trainable == p.Buffer || !slices.Equal(v.Shape().Dimensions, p.Shape) || v.DType() != p.Type() {
				t.Errorf("%s became %s, trainable: %v", path, v.Shape(), v.Trainable)
			}
		}
		// kernel[h][w][0][o] here is weight[o][0][h][w] in PyTorch.
		v, _ := n.Conv.Weight.Variable(s)
		kernel := v.MustValue().Value().([][][][]float32)
		w, _ := file.Get("conv.weight")
		weight, _ := w.Float32s()
		for o := range 2 {
			for h := range 3 {
				for x := range 3 {
					if kernel[h][x][0][o] != weight[9*o+3*h+x] {
						t.Fatalf("kernel[%d][%d][0][%d] is %g, want %g", h, x, o, kernel[h][x][0][o], weight[9*o+3*h+x])
					}
				}
			}
		}

		saved, err := Save(s, n)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := saved.Names(), []string{"conv.weight", "conv.bias", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked", "out.weight", "out.bias", "tied.weight", "tied.bias"}; !slices.Equal(got, want) {
			t.Errorf("names %v, want %v", got, want)
		}
		saved.Metadata = nil // as in the case
		path := filepath.Join(t.TempDir(), "net.safetensors")
		if err := Write(path, saved); err != nil {
			t.Fatal(err)
		}
		got, _ := os.ReadFile(path)
		if want, _ := os.ReadFile("testdata/net.safetensors"); !bytes.Equal(got, want) {
			t.Error("what was loaded is saved otherwise")
		}
	}
}

// edited is the case with a change.
func edited(t *testing.T, drop []string, set map[string]Tensor) *StateDict {
	t.Helper()
	file, err := Read("testdata/net.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	sd := &StateDict{}
	for _, name := range file.Names() {
		if x, _ := file.Get(name); !slices.Contains(drop, name) {
			sd.Set(name, x)
		}
	}
	for name, x := range set {
		sd.Set(name, x)
	}
	return sd
}

func TestLoadRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		sd      *StateDict
		partial bool
		want    []string
	}{
		{"missing", edited(t, []string{"out.bias", "conv.weight"}, nil), false, []string{"missing", "conv.weight [2 1 3 3]; out.bias [2]"}},
		{"unknown", edited(t, nil, map[string]Tensor{"x": {U8, nil, []byte{1}}}), false, []string{"unknown", "x []"}},
		{"shape of the layers, not of the file", edited(t, nil, map[string]Tensor{"conv.weight": {F32, []int{3, 3, 1, 2}, make([]byte, 72)}}), true, []string{"conv.weight is [3 3 1 2] in the file, [2 1 3 3] in the model"}},
		{"tied and different", edited(t, nil, map[string]Tensor{"tied.weight": {F32, []int{2, 3}, make([]byte, 24)}}), true, []string{"out.weight and tied.weight"}},
		{"both tied ones missing", edited(t, []string{"out.weight", "tied.weight"}, nil), false, []string{"out.weight [2 3]; tied.weight [2 3]"}},
		{"complex numbers", edited(t, nil, map[string]Tensor{"out.bias": {C64, []int{2}, make([]byte, 16)}}), false, []string{"out.bias", "C64", "F32"}},
	} {
		s, n := model.NewStore().RootScope(), newNet()
		err := Load(s, n, c.sd, c.partial)
		if err == nil {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %q, want %q", c.name, err, want)
			}
		}
		if s.NumVariables() > 0 {
			t.Errorf("%s: loaded in part", c.name)
		}
	}
	if _, err := Save(model.NewStore().RootScope(), newNet()); err == nil {
		t.Error("saved what isn't there")
	}
}

func TestLoadOnto(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		n, s := newNet(), model.NewStore().RootScope()
		want := edited(t, nil, nil)
		if err := LoadOnto(b, s, n, want, false); err != nil {
			t.Fatal(err)
		}
		got, err := Save(s, n)
		if err != nil || !reflect.DeepEqual(got.tensors, want.tensors) {
			t.Errorf("%v came back as %v (%v)", want, got, err)
		}
	})
}

func TestLoadLeniently(t *testing.T) {
	half := Tensor{F16, []int{2}, []byte{0, 0x3c, 0, 0xc0}} // 1, -2
	for _, c := range []struct {
		name    string
		sd      *StateDict
		partial bool
	}{
		{"one of two tied names", edited(t, []string{"tied.weight"}, map[string]Tensor{"out.bias": half}), false},
		{"the other", edited(t, []string{"out.weight"}, map[string]Tensor{"out.bias": half}), false},
		{"partial", edited(t, []string{"conv.bias", "norm.weight"}, map[string]Tensor{"out.bias": half, "x": half}), true},
	} {
		s, n := model.NewStore().RootScope(), newNet()
		if err := Load(s, n, c.sd, c.partial); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		v, err := n.Out.Bias.Variable(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.MustValue().Value(); !reflect.DeepEqual(got, []float32{1, -2}) {
			t.Errorf("%s: halves became %v", c.name, got)
		}
		if v, err := n.Tied.Weight.Variable(s); err != nil || v.MustValue().Value().([][]float32)[0][0] == 0 {
			t.Errorf("%s: the tied weight wasn't loaded (%v)", c.name, err)
		}
	}
}
