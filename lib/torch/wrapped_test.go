package torch

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// same compares a file with one of safetensors' with the same tensors; testdata/make.py made both.
func same(t *testing.T, sd *StateDict, err error, file string) {
	t.Helper()
	if err != nil {
		t.Error(err)
		return
	}
	want, err := Read("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if sd.Len() != want.Len() {
		t.Errorf("%v, want %v", sd.Names(), want.Names())
	}
	for _, n := range want.Names() {
		w, _ := want.Get(n)
		g, ok := sd.Get(n)
		if !ok || g.DType != w.DType || !slices.Equal(g.Shape, w.Shape) || !bytes.Equal(g.Data, w.Data) {
			t.Errorf("%s is %v, want %v", n, g, w)
		}
	}
}

// A training's file gives its only state_dict by itself, one of several by its key.
func TestWrapped(t *testing.T) {
	for _, c := range []struct {
		file, key string
		want      string // of safetensors, or names
	}{
		{"wrapped.pt", "", "wrapped.safetensors"},
		{"wrapped.pt", "state_dict", "wrapped.safetensors"},
		{"wrapped_legacy.pt", "", "wrapped.safetensors"},
		{"checkpoint.pt", "", "w"},
		{"nested.pt", "ema", "fc.weight"},
		{"nested.pt", "model", "fc.weight fc.bias"},
		{"nested.pt", "model.fc", "weight bias"},
		{"nested.pt", ".", "model.fc.weight model.fc.bias ema.fc.weight"},
		{"deep.pt", "1.0.params", "g.w d.w"},
		{"deep.pt", "1.0.params.d", "w"},
		{"net.pt", ".", "net.safetensors"},
		{"lightning.pt", "", "model.w"},
		{"parts.pt", "", "generator.w discriminator.w"},
		{"parts.pt", "discriminator", "w"},
	} {
		sd, err := ReadKey("testdata/"+c.file, c.key)
		if strings.HasSuffix(c.want, ".safetensors") {
			same(t, sd, err, c.want)
		} else if err != nil || strings.Join(sd.Names(), " ") != c.want {
			t.Errorf("%s, key %q: %v %v, want %s", c.file, c.key, sd, err, c.want)
		}
	}
	for _, c := range []struct{ file, key, want string }{
		{"nested.pt", "", `2 state_dicts: give the key of one ("model", "ema")`},
		{"deep.pt", "", `2 state_dicts: give the key of one ("1.0.params.g", "1.0.params.d")`},
		{"nested.pt", "modell", `no dict under the key "modell"; at its top it has "model", "ema"`},
		{"wrapped.pt", ".", `"epoch" is the number 3`},
		{"wrapped.pt", "optimizer", "a key of"},
		{"wrapped.pt", "epoch", "no dict under the key"},
		{"list.pt", ".", "a list of 1, must hold a dict"},
		{"net.safetensors", "model", "only what torch.save wrote"},
		{"shards/model.safetensors.index.json", "model", "shards have none"},
	} {
		if sd, err := ReadKey("testdata/"+c.file, c.key); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, key %q: %v, error %v, want %q", c.file, c.key, sd, err, c.want)
		}
	}
}

// The format of before PyTorch 1.6, with strides of all kinds, and as Python 2 wrote it.
func TestLegacy(t *testing.T) {
	for file, want := range map[string]string{"legacy.pt": "net.safetensors", "views_legacy.pt": "views_legacy.safetensors"} {
		sd, err := Read("testdata/" + file)
		same(t, sd, err, want)
	}
	sd, err := Read("testdata/python2.pt")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]float32{"a": {0, 2, 4, 1, 3, 5}, "b": {4, 5, 6}} {
		x, _ := sd.Get(name)
		if got, err := x.Float32s(); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s is %v (%v), want %v", name, got, err, want)
		}
	}
}

// Each cut of a file, and each with a byte changed, is an error or reads without harm.
func TestDamagedLegacy(t *testing.T) {
	for _, name := range []string{"legacy.pt", "python2.pt"} {
		whole, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for n := range whole {
			if _, err := decodeTorch(whole[:n]); err == nil {
				t.Errorf("%s: cut to %d of %d bytes, accepted", name, n, len(whole))
			}
		}
		for i := range whole {
			for _, bits := range []byte{0x01, 0x55, 0x80, 0xff} {
				b := bytes.Clone(whole)
				b[i] ^= bits
				if sd, err := decodeTorch(b); err == nil {
					checkWhole(t, sd)
				}
			}
		}
	}
}

// Names that share values are counted as what they would be written as: 64 MB, or more of a file that is larger.
func TestSharedValues(t *testing.T) {
	const storage = 1 << 20 // bytes
	shared := func(names int) string {
		var b strings.Builder
		whole := strings.Replace(matrix, "K\x04tQ", "J\x00\x00\x04\x00tQ", 1)
		b.WriteString(proto + "}" + key + strings.Replace(whole, "K\x02\x86K\x02K\x01\x86", "J\x00\x00\x02\x00\x86K\x01K\x02\x86", 1) + "q\x09s")
		for i := 1; i < names; i++ {
			b.WriteString("X\x02\x00\x00\x00" + fmt.Sprintf("%02d", i) + "h\x09s")
		}
		return b.String() + "."
	}
	record := func(string) ([]byte, error) { return make([]byte, storage), nil }
	if sd, err := unpickle([]byte(shared(4)), "", storage, record); err != nil || sd.Len() != 4 {
		t.Errorf("layers that share their weights: %v", err)
	}
	if _, err := unpickle([]byte(shared(65)), "", storage, record); err == nil || !strings.Contains(err.Error(), "share values") {
		t.Errorf("64 MB of 1: error %v", err)
	}
}

// What load_state_dict(strict=True) takes into a BatchNorm, Load takes, and with the same result.
func TestLoadForgives(t *testing.T) {
	for _, name := range []string{"missing", "list", "float", "int", "double"} {
		sd, err := Read("testdata/norm_" + name + ".pt")
		if err != nil {
			t.Fatal(err)
		}
		loaded, err := loadNorm(sd, false)
		same(t, loaded, err, "norm_"+name+".safetensors")
	}
	for name, change := range map[string]Tensor{
		"no number":    {F32, nil, le.AppendUint32(nil, math.Float32bits(float32(math.NaN())))},
		"beyond int64": {F64, nil, le.AppendUint64(nil, math.Float64bits(1e19))},
		"complex":      {C64, nil, make([]byte, 8)},
		"two axes":     {I64, []int{1, 1}, make([]byte, 8)},
	} {
		sd, err := Read("testdata/norm_missing.pt")
		if err != nil {
			t.Fatal(err)
		}
		sd.Set("num_batches_tracked", change)
		if _, err := loadNorm(sd, false); err == nil || !strings.Contains(err.Error(), "num_batches_tracked") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func loadNorm(sd *StateDict, partial bool) (*StateDict, error) {
	s, n := model.NewStore().RootScope(), nn.Name(nn.NewBatchNorm1d(2))
	if err := Load(s, n, sd, partial); err != nil {
		return nil, err
	}
	return Save(s, n)
}

// What a wrapper put before all names is told, and taken off when asked.
func TestPrefix(t *testing.T) {
	for _, prefix := range []string{"module.", "_orig_mod.", "model.module._orig_mod.", "state_dict."} {
		file := edited(t, nil, nil)
		wrapped := &StateDict{}
		for _, name := range file.Names() {
			x, _ := file.Get(name)
			wrapped.Set(prefix+name, x)
		}
		wrapped.Set("n_averaged", Tensor{I64, nil, make([]byte, 8)}) // of torch.optim.swa_utils
		d := Compare(newNet(), wrapped)
		if want := fmt.Sprintf("fit with the prefix %q taken off", prefix); d.Prefix != prefix || d.Fitting != 0 || !strings.Contains(d.String(), want) {
			t.Errorf("prefix %q is told as %q: %v", prefix, d.Prefix, d)
		}
		for _, partial := range []bool{false, true} {
			if err := Load(model.NewStore().RootScope(), newNet(), wrapped, partial); err == nil || !strings.Contains(err.Error(), "no tensor of the file fits") {
				t.Errorf("nothing fits, partial is %v: error %v", partial, err)
			}
		}
		bare, err := StripPrefix(wrapped, prefix)
		if err != nil {
			t.Fatal(err)
		}
		if d := Compare(newNet(), bare); d.Fitting != file.Len() || d.Prefix != "" || len(d.Unexpected) != 1 {
			t.Errorf("prefix %q taken off: %v", prefix, d)
		}
	}
	fits := Compare(newNet(), edited(t, []string{"out.bias"}, nil))
	if fits.Prefix != "" || fits.Fitting != 10 {
		t.Errorf("a prefix %q where none is; %d fit", fits.Prefix, fits.Fitting)
	}
	clash := edited(t, nil, map[string]Tensor{"module.out.bias": {U8, nil, []byte{1}}})
	if _, err := StripPrefix(clash, "module."); err == nil || !strings.Contains(err.Error(), "as another is") {
		t.Errorf("two names become one: %v", err)
	}
	if _, err := StripPrefix(clash, "modul."); err == nil || !strings.Contains(err.Error(), "begins with the prefix") {
		t.Errorf("a prefix that none has: %v", err)
	}
	if err := Load(model.NewStore().RootScope(), newNet(), clash, true); err != nil {
		t.Errorf("some fit: %v", err)
	}
}
