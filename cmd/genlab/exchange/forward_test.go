package exchange

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"genlab/lib/backend/backendtest"
	"genlab/lib/torch"
	"genlab/lib/torch/torchtest"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

const casesDir = "../../tests/parity/cases"

func runCase(c torchtest.Case, b compute.Backend) (*torch.StateDict, error) {
	r := &request{config: string(c.Config), training: c.Mode == "train", weights: c.Weights, inputs: c.Inputs, backend: b}
	if c.Verb == "step" {
		return exchanges[c.Model].step(r)
	}
	return forward(r, exchanges[c.Model].open)
}

// TestParity runs PyTorch's cases on every backend.
func TestParity(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(casesDir, "*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no cases in %s: %v", casesDir, err)
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, folder := range folders {
			c := torchtest.Read(t, folder)
			if _, ok := exchanges[c.Model]; !ok {
				continue // a case of a model's own tests
			}
			t.Run(filepath.Base(folder), func(t *testing.T) {
				got, err := runCase(c, b)
				if err != nil {
					t.Fatal(err)
				}
				c.CheckAll(t, got)
			})
		}
	})
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
	c := torchtest.Read(t, filepath.Join(casesDir, "encoder-corrected-one"))
	x, _ := c.Inputs.Get("x")
	x.Data = append([]byte(nil), x.Data...)
	x.Data[1] = 1 // token 256 or more
	c.Inputs.Set("x", x)
	if _, err := runCase(c, nil); err == nil || !strings.Contains(err.Error(), "x holds") {
		t.Errorf("want an error that names x, got %v", err)
	}
}
