// Package exchange is what anyone compares a model with PyTorch by, through files: forward, step, describe and convert.
package exchange

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genlab/cmd/genlab/models"
	"genlab/lib/backend"
	"genlab/lib/spec"
	"genlab/lib/torch"
)

// NewForward makes `genlab forward`.
func NewForward() *cobra.Command {
	var mode string
	all := append(models.Specs(), models.Layers(), models.Measures())
	cmd := compute("forward", spec.NetIDs(all), func(id string, r *spec.Request) (*torch.StateDict, error) {
		if mode != "train" && mode != "eval" {
			return nil, fmt.Errorf("--mode is %q: it must be train or eval", mode)
		}
		r.Training = mode == "train"
		net, err := spec.FindNet(all, id)
		if err != nil {
			return nil, err
		}
		return r.Forward(net)
	})
	cmd.Short = "Run a model once on tensors from a file, with weights from PyTorch"
	cmd.Long = cmd.Short + `.
Inputs named cotangent.OUTPUT, of an output's shape, ask for gradients of the sum of each such output times its cotangent: grad.NAME of
the parameters and grad_in.NAME of the inputs. With --mode train the buffers after the pass are state.NAME.`
	cmd.Example = `  genlab forward --model vae --config '{"latent_dim": 20}' --mode eval \
      --weights vae.safetensors --inputs x.safetensors --out y.safetensors`
	cmd.Flags().StringVar(&mode, "mode", "eval", "train or eval: decides batch normalisation and dropout")
	return cmd
}

// NewStep makes `genlab step`.
func NewStep() *cobra.Command {
	cmd := compute("step", spec.StepIDs(models.Specs()), func(id string, r *spec.Request) (*torch.StateDict, error) {
		m, err := spec.FindStep(models.Specs(), id)
		if err != nil {
			return nil, err
		}
		return r.Step(m.Step)
	})
	cmd.Short = "Take a model's training steps on tensors from a file, from PyTorch's weights"
	cmd.Example = `  genlab step --model vae --config '{"lr": 0.001}' \
      --weights vae.safetensors --inputs batches.safetensors --out after.safetensors`
	return cmd
}

// compute is what the two verbs share: their files and the choice of the model.
func compute(verb string, ids []string, run func(id string, r *spec.Request) (*torch.StateDict, error)) *cobra.Command {
	var id, config, inputs, out string
	var weights torch.Source
	r := &spec.Request{}
	cmd := &cobra.Command{
		Use:  verb,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(ids, id) {
				return fmt.Errorf("--model is %q: %s knows %s", id, verb, strings.Join(ids, ", "))
			}
			r.Config = spec.Config{config}
			r.Warn = func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), text) }
			err := checkOut(out, weights.Path, inputs)
			if err != nil {
				return err
			}
			if r.Backend, err = backend.Open(); err != nil {
				return err
			}
			return interruptible(cmd.Context(), func() error {
				if r.Weights, err = weights.Read(); err != nil {
					return fmt.Errorf("--weights: %w", err)
				}
				if r.Inputs, err = torch.Read(inputs); err != nil {
					return fmt.Errorf("--inputs: %w", err)
				}
				result, err := run(id, r)
				if err != nil {
					return err
				}
				if err := torch.Write(out, result); err != nil {
					return fmt.Errorf("--out: %w", err)
				}
				return nil
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&id, "model", "", "the model's id: "+strings.Join(slices.DeleteFunc(slices.Clone(ids), isLayer), ", ")+"; forward: or a layer's, torch.…")
	configFlags(f, &config, &r.Partial)
	sourceFlags(f, &weights)
	f.StringVar(&weights.Path, "weights", "", "a PyTorch state_dict: .safetensors, or .pt")
	f.StringVar(&inputs, "inputs", "", "the input tensors, .safetensors")
	f.StringVar(&out, "out", "", "where the output tensors go, .safetensors")
	for _, name := range []string{"model", "weights", "inputs", "out"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag was defined above
		}
	}
	return cmd
}

// isLayer tells a layer's id from a model's.
func isLayer(id string) bool { return strings.HasPrefix(id, "torch.") }

// configFlags are those of all verbs that put weights into a model.
func configFlags(f *pflag.FlagSet, config *string, partial *bool) {
	f.StringVar(config, "config", "{}", "the constructor's arguments as JSON, under the article's names")
	f.BoolVar(partial, "allow-partial", false, "take weights that are missing from the file fresh, and leave out those that the model doesn't know")
}

// sourceFlags say where in a file the weights lie.
func sourceFlags(f *pflag.FlagSet, s *torch.Source) {
	f.StringVar(&s.Key, "key", "", `which of the state_dicts in a .pt file, such as model or ema.model; "." is all of them`)
	f.StringVar(&s.Prefix, "strip-prefix", "", "what to take off the weights' names, such as module.")
}

// checkOut says before the work what would go wrong after it. Nothing that was read is overwritten.
func checkOut(out string, read ...string) error {
	if out == "" {
		return errors.New("--out is empty: give the name of a file")
	}
	folder, err := os.Stat(filepath.Dir(out))
	if err != nil || !folder.IsDir() {
		return fmt.Errorf("--out is %s: there is no folder %s", out, filepath.Dir(out))
	}
	info, err := os.Stat(out)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("--out: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("--out is %s, which is no file", out)
	}
	for _, path := range read {
		if other, err := os.Stat(path); err == nil && os.SameFile(info, other) {
			return fmt.Errorf("--out is %s, which is read, too: give another name", out)
		}
	}
	return nil
}
