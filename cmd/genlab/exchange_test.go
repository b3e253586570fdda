package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"genlab/lib/backend/backendtest"
	"genlab/lib/torch"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

const casesDir = "../../tests/parity/cases"

// parityCase is a folder that tests/parity/make.py wrote with PyTorch.
type parityCase struct {
	Verb, Model, Mode         string
	Config                    json.RawMessage
	Rtol, Atol                float64
	weights, inputs, expected *torch.StateDict
}

func readCase(t *testing.T, folder string) parityCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "case.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c parityCase
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	for file, into := range map[string]**torch.StateDict{"weights": &c.weights, "inputs": &c.inputs, "expected": &c.expected} {
		if *into, err = torch.Read(filepath.Join(folder, file+".safetensors")); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func (c parityCase) run(b compute.Backend) (*torch.StateDict, error) {
	r := &request{config: string(c.Config), training: c.Mode == "train", weights: c.weights, inputs: c.inputs, backend: b}
	if c.Verb == "step" {
		return exchanges[c.Model].step(r)
	}
	return exchanges[c.Model].forward(r)
}

// TestParity runs PyTorch's cases on every backend. Their tolerances are those of float32 summed in another order: 2e-4 of the value
// after a forward pass, 1e-3 after ten steps, which amplify it.
func TestParity(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(casesDir, "*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no cases in %s: %v", casesDir, err)
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, folder := range folders {
			c := readCase(t, folder)
			if e := exchanges[c.Model]; c.Verb == "forward" && e.forward == nil || c.Verb == "step" && e.step == nil {
				continue // a case of a model's own tests
			}
			t.Run(filepath.Base(folder), func(t *testing.T) {
				got, err := c.run(b)
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range c.expected.Names() {
					compareTensors(t, name, c, got)
				}
			})
		}
	})
}

func compareTensors(t *testing.T, name string, c parityCase, all *torch.StateDict) {
	t.Helper()
	want, _ := c.expected.Get(name)
	got, ok := all.Get(name)
	if !ok {
		t.Errorf("%s is missing", name)
		return
	}
	if want.DType == torch.I64 {
		if string(want.Data) != string(got.Data) {
			t.Errorf("%s differs", name)
		}
		return
	}
	w, err := want.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	g, err := got.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	if len(w) != len(g) {
		t.Errorf("%s has shape %v, PyTorch's %v", name, got.Shape, want.Shape)
		return
	}
	worst, at := 0.0, 0
	for i := range w {
		d := math.Abs(float64(g[i])-float64(w[i])) / (c.Atol + c.Rtol*math.Abs(float64(w[i])))
		if math.IsNaN(d) || d > worst {
			worst, at = d, i
		}
	}
	if !(worst <= 1) {
		t.Errorf("%s[%d] is %g, PyTorch's %g: %.1f times the tolerance", name, at, g[at], w[at], worst)
	}
}

// TestExchangeRefusals holds that bad requests are refused by name, and that nothing is written then.
func TestExchangeRefusals(t *testing.T) {
	forward := filepath.Join(casesDir, "vae-forward-small") // input_dim 30, hidden_dim 7, latent_dim 3, batch 5
	edited := func(file string, edit func(*torch.StateDict)) string {
		sd, err := torch.Read(filepath.Join(forward, file))
		if err != nil {
			t.Fatal(err)
		}
		edit(sd)
		path := filepath.Join(t.TempDir(), file)
		if err := torch.Write(path, sd); err != nil {
			t.Fatal(err)
		}
		return path
	}
	floats := func(shape ...int) torch.Tensor {
		n := 4
		for _, d := range shape {
			n *= d
		}
		return torch.Tensor{DType: torch.F32, Shape: shape, Data: make([]byte, n)}
	}
	const config = `{"input_dim": 30, "hidden_dim": 7, "latent_dim": 3}`
	for _, c := range []struct {
		name, model, config, weights, inputs string
		want                                 []string
	}{
		{name: "model", model: "vea", want: []string{`--model is "vea"`, "vae"}},
		{name: "config key", config: `{"latent": 3}`, want: []string{"--config", "latent"}},
		{name: "config type", config: `{"latent_dim": "3"}`, want: []string{"latent_dim", "string", "int"}},
		{name: "config value", config: `{"latent_dim": 0}`, want: []string{"latent_dim is 0", "at least 1"}},
		{name: "config syntax", config: `{"latent_dim": 3`, want: []string{"--config"}},
		{name: "another size", config: `{"input_dim": 30, "hidden_dim": 7, "latent_dim": 4}`, want: []string{"--inputs", "eps", "[5 3]", "[5 4]"}},
		{name: "missing weight", weights: edited("weights.safetensors", func(sd *torch.StateDict) {
			t, _ := sd.Get("fc1.weight")
			*sd = torch.StateDict{}
			sd.Set("fc1.weight", t)
			sd.Set("fc9.weight", t)
		}), want: []string{"fc3.weight", "fc9.weight"}},
		{name: "weight's shape", weights: edited("weights.safetensors", func(sd *torch.StateDict) { sd.Set("fc1.bias", floats(8)) }),
			want: []string{"fc1.bias", "8", "7"}},
		{name: "unknown input", inputs: edited("inputs.safetensors", func(sd *torch.StateDict) { sd.Set("y", floats(2)) }),
			want: []string{"y isn't an input"}},
		{name: "input's rank", inputs: edited("inputs.safetensors", func(sd *torch.StateDict) { sd.Set("x", floats(5, 30, 1)) }),
			want: []string{"x has shape [5 30 1]", "[any 30]"}},
		{name: "batches differ", inputs: edited("inputs.safetensors", func(sd *torch.StateDict) { sd.Set("eps", floats(4, 3)) }),
			want: []string{"eps has shape [4 3]", "[5 3]"}},
		{name: "input's type", inputs: edited("inputs.safetensors", func(sd *torch.StateDict) {
			sd.Set("x", torch.Tensor{DType: torch.I64, Shape: []int{5, 30}, Data: make([]byte, 8*150)})
		}), want: []string{"x holds I64", "F32"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			or := func(value, otherwise string) string {
				if value == "" {
					return otherwise
				}
				return value
			}
			out := filepath.Join(t.TempDir(), "out.safetensors")
			var stdout, stderr strings.Builder
			code := run(t.Context(), []string{
				"forward", "--model", or(c.model, "vae"), "--config", or(c.config, config), "--mode", "eval", "--out", out,
				"--weights", or(c.weights, filepath.Join(forward, "weights.safetensors")),
				"--inputs", or(c.inputs, filepath.Join(forward, "inputs.safetensors")),
			}, &stdout, &stderr)
			if code == exitOK {
				t.Error("it was accepted")
			}
			for _, want := range c.want {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("the error doesn't say %q: %s", want, stderr.String())
				}
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("--out was written")
			}
		})
	}
}

// TestTokensOutOfRange holds that indices beyond a table are refused, which XLA would clamp in silence.
func TestTokensOutOfRange(t *testing.T) {
	c := readCase(t, filepath.Join(casesDir, "encoder-corrected-one"))
	x, _ := c.inputs.Get("x")
	x.Data = append([]byte(nil), x.Data...)
	x.Data[1] = 1 // token 256 or more
	c.inputs.Set("x", x)
	if _, err := c.run(nil); err == nil || !strings.Contains(err.Error(), "x holds") {
		t.Errorf("want an error that names x, got %v", err)
	}
}
