package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/backend"
	"genlab/lib/torch"
)

func newForwardCmd() *cobra.Command {
	var mode string
	cmd := exchangeCmd("forward", func(e exchange) func(*request) (*torch.StateDict, error) { return e.forward }, func(r *request) error {
		if mode != "train" && mode != "eval" {
			return fmt.Errorf("--mode is %q: it must be train or eval", mode)
		}
		r.training = mode == "train"
		return nil
	})
	cmd.Short = "Run a model once on tensors from a file, with weights from PyTorch"
	cmd.Example = `  genlab forward --model vae --config '{"latent_dim": 20}' --mode eval \
      --weights vae.safetensors --inputs x.safetensors --out y.safetensors`
	cmd.Flags().StringVar(&mode, "mode", "eval", "train or eval: decides batch normalisation and dropout")
	return cmd
}

func newStepCmd() *cobra.Command {
	cmd := exchangeCmd("step", func(e exchange) func(*request) (*torch.StateDict, error) { return e.step }, func(*request) error { return nil })
	cmd.Short = "Take Adam steps on tensors from a file, from PyTorch's weights"
	cmd.Example = `  genlab step --model vae --config '{"lr": 0.001}' \
      --weights vae.safetensors --inputs batches.safetensors --out after.safetensors`
	return cmd
}

// exchangeCmd is what the two verbs share: their files and the choice of the model.
func exchangeCmd(verb string, choose func(exchange) func(*request) (*torch.StateDict, error), finish func(*request) error) *cobra.Command {
	var id, config, weights, inputs, out string
	cmd := &cobra.Command{
		Use:  verb,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			run := choose(exchanges[id])
			if run == nil {
				return fmt.Errorf("--model is %q: %s knows %s", id, verb, strings.Join(exchangeIDs(choose), ", "))
			}
			r := &request{config: config}
			if err := finish(r); err != nil {
				return err
			}
			var err error
			if r.backend, err = backend.Open(); err != nil {
				return err
			}
			if r.weights, err = torch.Read(weights); err != nil {
				return fmt.Errorf("--weights: %w", err)
			}
			if r.inputs, err = torch.Read(inputs); err != nil {
				return fmt.Errorf("--inputs: %w", err)
			}
			result, err := run(r)
			if err != nil {
				return err
			}
			return torch.Write(out, result)
		},
	}
	f := cmd.Flags()
	f.StringVar(&id, "model", "", "the model's id")
	f.StringVar(&config, "config", "{}", "the constructor's arguments as JSON, under the article's names")
	f.StringVar(&weights, "weights", "", "a PyTorch state_dict: .safetensors, or .pt")
	f.StringVar(&inputs, "inputs", "", "the input tensors, .safetensors")
	f.StringVar(&out, "out", "", "where the output tensors go, .safetensors")
	for _, name := range []string{"model", "weights", "inputs", "out"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag was defined above
		}
	}
	return cmd
}

func exchangeIDs(choose func(exchange) func(*request) (*torch.StateDict, error)) []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(exchanges)) {
		if choose(exchanges[id]) != nil {
			ids = append(ids, id)
		}
	}
	return ids
}
