package exchange

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genlab/lib/torch"
)

// TestConvert holds that weights come back from a model as they went in, whole and in shards, and what --allow-partial forgives.
func TestConvert(t *testing.T) {
	folder := t.TempDir()
	from, to := filepath.Join(cases, "vae-forward-small", "weights.safetensors"), filepath.Join(folder, "back.safetensors")
	convert := func(args ...string) (bool, string) {
		_, stderr, err := genlab(t, append([]string{"convert"}, args...)...)
		if err != nil {
			stderr += err.Error()
		}
		return err == nil, stderr
	}
	through := []string{"--model", "vae", "--config", `{"input_dim": 30, "hidden_dim": 7, "latent_dim": 3}`}
	if ok, text := convert(append([]string{from, to}, through...)...); !ok {
		t.Fatal(text)
	}
	want, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	read := func() *torch.StateDict {
		sd, err := torch.Read(to)
		if err != nil {
			t.Fatal(err)
		}
		return sd
	}
	before, _ := torch.Read(from)
	for _, name := range read().Names() {
		a, _ := read().Get(name)
		b, _ := before.Get(name)
		if string(a.Data) != string(b.Data) {
			t.Errorf("%s differs after the round trip (%d bytes of file)", name, len(want))
		}
	}

	before.Set("other.weight", torch.Tensor{DType: torch.F32, Shape: []int{1}, Data: make([]byte, 4)})
	less := &torch.StateDict{}
	for _, name := range before.Names() {
		if name != "fc1.bias" {
			tensor, _ := before.Get(name)
			less.Set(name, tensor)
		}
	}
	from = filepath.Join(folder, "less.safetensors")
	if err := torch.Write(from, less); err != nil {
		t.Fatal(err)
	}
	for _, partial := range []bool{false, true} {
		args := append([]string{from, to}, through...)
		if partial {
			args = append(args, "--allow-partial")
		}
		ok, text := convert(args...)
		if ok != partial || !strings.Contains(text, "missing from the file: fc1.bias [7]") || !strings.Contains(text, "unknown to the model: other.weight [1]") {
			t.Errorf("partial %v: %v: %s", partial, ok, text)
		}
	}
	if sd := read(); sd.Len() != before.Len()-1 {
		t.Errorf("with --allow-partial %v were written", sd.Names())
	}
	for _, args := range [][]string{
		{from, filepath.Join(folder, "none", "x.safetensors")}, {from, folder}, {from, to + ".pt"}, {from, to, "--shard-size", "-1"},
		{from, to, "--config", "{}x"}, {from, to, "--allow-partial"}, {from, to, "--model", "dcgan"},
	} {
		if ok, _ := convert(args...); ok {
			t.Errorf("accepted: %v", args)
		}
	}
}

// A prefix is taken off, and a key is for what torch.save wrote.
func TestConvertSource(t *testing.T) {
	folder := t.TempDir()
	sd, err := torch.Read(filepath.Join(cases, "vae-forward-small", "weights.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	wrapped := &torch.StateDict{}
	for _, name := range sd.Names() {
		v, _ := sd.Get(name)
		wrapped.Set("module."+name, v)
	}
	in, out := filepath.Join(folder, "in.safetensors"), filepath.Join(folder, "out.safetensors")
	if err := torch.Write(in, wrapped); err != nil {
		t.Fatal(err)
	}
	if _, _, err := genlab(t, "convert", in, out, "--strip-prefix", "module."); err != nil {
		t.Fatal(err)
	}
	if got, err := torch.Read(out); err != nil || strings.Join(got.Names(), " ") != strings.Join(sd.Names(), " ") {
		t.Errorf("%v, %v", got.Names(), err)
	}
	for _, wrong := range [][]string{{"--strip-prefix", "net."}, {"--key", "model"}} {
		if _, _, err := genlab(t, append([]string{"convert", in, out}, wrong...)...); err == nil || !strings.Contains(err.Error(), in) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}
