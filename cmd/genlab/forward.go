package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/backend"
	"genlab/lib/torch"
)

func newForwardCmd() *cobra.Command {
	var mode string
	cmd := exchangeCmd("forward", opens, func(e exchange, r *request) (*torch.StateDict, error) {
		if mode != "train" && mode != "eval" {
			return nil, fmt.Errorf("--mode is %q: it must be train or eval", mode)
		}
		r.training = mode == "train"
		return forward(r, e.open)
	})
	cmd.Short = "Run a model once on tensors from a file, with weights from PyTorch"
	cmd.Example = `  genlab forward --model vae --config '{"latent_dim": 20}' --mode eval \
      --weights vae.safetensors --inputs x.safetensors --out y.safetensors`
	cmd.Flags().StringVar(&mode, "mode", "eval", "train or eval: decides batch normalisation and dropout")
	return cmd
}

func newStepCmd() *cobra.Command {
	steps := func(e exchange) bool { return e.step != nil }
	cmd := exchangeCmd("step", steps, func(e exchange, r *request) (*torch.StateDict, error) { return e.step(r) })
	cmd.Short = "Take Adam steps on tensors from a file, from PyTorch's weights"
	cmd.Example = `  genlab step --model vae --config '{"lr": 0.001}' \
      --weights vae.safetensors --inputs batches.safetensors --out after.safetensors`
	return cmd
}

// exchangeCmd is what the two verbs share: their files and the choice of the model.
func exchangeCmd(verb string, has func(exchange) bool, run func(exchange, *request) (*torch.StateDict, error)) *cobra.Command {
	var id, weights, inputs, out string
	r := &request{}
	cmd := &cobra.Command{
		Use:  verb,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !has(exchanges[id]) {
				return fmt.Errorf("--model is %q: %s knows %s", id, verb, strings.Join(exchangeIDs(has), ", "))
			}
			r.warn = func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), text) }
			err := checkOut(out, weights, inputs)
			if err != nil {
				return err
			}
			if r.backend, err = backend.Open(); err != nil {
				return err
			}
			if r.weights, err = torch.Read(weights); err != nil {
				return fmt.Errorf("--weights: %w", err)
			}
			if r.inputs, err = torch.Read(inputs); err != nil {
				return fmt.Errorf("--inputs: %w", err)
			}
			result, err := run(exchanges[id], r)
			if err != nil {
				return err
			}
			if err := torch.Write(out, result); err != nil {
				return fmt.Errorf("--out: %w", err)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&id, "model", "", "the model's id: "+strings.Join(exchangeIDs(has), ", "))
	f.StringVar(&r.config, "config", "{}", "the constructor's arguments as JSON, under the article's names")
	f.StringVar(&weights, "weights", "", "a PyTorch state_dict: .safetensors, or .pt")
	f.StringVar(&inputs, "inputs", "", "the input tensors, .safetensors")
	f.StringVar(&out, "out", "", "where the output tensors go, .safetensors")
	f.BoolVar(&r.partial, "allow-partial", false, "take weights that are missing from the file fresh, and leave out those that the model doesn't know")
	for _, name := range []string{"model", "weights", "inputs", "out"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag was defined above
		}
	}
	return cmd
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
