package exchange

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"genlab/lib/backend/backendtest"
	"genlab/lib/command"
	"genlab/lib/command/commandtest"
	"genlab/lib/torch"
)

func TestMain(m *testing.M) { backendtest.Main(m) }

// cases are the VAE's, made by PyTorch.
const cases = "../../../lib/models/vae/testdata/parity"

// genlab runs a command line of these verbs in this process.
func genlab(t *testing.T, args ...string) (stdout, stderr string, err error) {
	verbs := command.Model{}
	for _, new := range []func() *cobra.Command{NewForward, NewStep, NewConvert, NewDescribe} {
		verbs.Verbs = append(verbs.Verbs, command.Verb{New: new})
	}
	return commandtest.Run(t.Context(), verbs, args...)
}

// TestForwardRefusals holds that bad requests are refused by name, and that nothing is written then.
func TestForwardRefusals(t *testing.T) {
	forward := filepath.Join(cases, "vae-forward-small") // input_dim 30, hidden_dim 7, latent_dim 3, batch 5
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
			_, _, err := genlab(t,
				"forward", "--model", or(c.model, "vae"), "--config", or(c.config, config), "--mode", "eval", "--out", out,
				"--weights", or(c.weights, filepath.Join(forward, "weights.safetensors")),
				"--inputs", or(c.inputs, filepath.Join(forward, "inputs.safetensors")))
			if err == nil {
				t.Fatal("it was accepted")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error doesn't say %q: %s", want, err)
				}
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("--out was written")
			}
		})
	}
}

// TestCheckOut holds that nothing is computed for an output that can't be written, and that what is read stays.
func TestCheckOut(t *testing.T) {
	folder := t.TempDir()
	in, link := filepath.Join(folder, "in"), filepath.Join(folder, "link")
	if err := os.WriteFile(in, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(in, link); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{"", folder, in, link, filepath.Join(folder, "none", "out"), filepath.Join(in, "out")} {
		if checkOut(out, in) == nil {
			t.Errorf("%q was accepted", out)
		}
	}
	for _, out := range []string{filepath.Join(folder, "out"), "out"} {
		if err := checkOut(out, in); err != nil {
			t.Error(err)
		}
	}
}
