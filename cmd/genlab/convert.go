package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/backend"
	"genlab/lib/torch"
)

func newConvertCmd() *cobra.Command {
	var id string
	var shard int64
	r := &request{}
	cmd := &cobra.Command{
		Use:   "convert IN OUT",
		Short: "Convert weights: PyTorch's .pt to safetensors, one file to shards, and back",
		Long: `Convert weights. IN is a .safetensors file, its shards' .index.json, or what torch.save wrote; OUT is a .safetensors file, whole or,
with --shard-size, in shards with an index. With --model the weights go through that model: what is missing, unexpected or of another
shape is listed, and OUT is what PyTorch's load_state_dict takes with strict=True.`,
		Example: `  genlab convert vae.pt vae.safetensors
  genlab convert vae.pt vae.safetensors --model vae --config '{"latent_dim": 20}'
  genlab convert gpt2.safetensors parts/gpt2.safetensors --shard-size 200`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if shard < 0 {
				return fmt.Errorf("--shard-size is %d: it must be a number of megabytes, or 0 for one file", shard)
			}
			if id == "" && (r.config != "{}" || r.partial) {
				return errors.New("--config and --allow-partial are about a model: give --model")
			}
			if id != "" && !opens(exchanges[id]) {
				return fmt.Errorf("--model is %q: convert knows %s", id, strings.Join(exchangeIDs(opens), ", "))
			}
			if !strings.HasSuffix(args[1], ".safetensors") {
				return fmt.Errorf("OUT is %s: it must end in .safetensors", args[1])
			}
			if err := checkOut(args[1]); err != nil {
				return err
			}
			r.warn = func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), text) }
			state, err := torch.Read(args[0])
			if err != nil {
				return err
			}
			if id != "" {
				if state, err = r.through(exchanges[id], state); err != nil {
					return err
				}
			}
			if shard > 0 {
				return torch.WriteShards(args[1], state, shard*1e6)
			}
			return torch.Write(args[1], state)
		},
	}
	f := cmd.Flags()
	f.StringVar(&id, "model", "", "the id of the model that the weights are for: "+strings.Join(exchangeIDs(opens), ", "))
	f.StringVar(&r.config, "config", "{}", "its constructor's arguments as JSON, under the article's names")
	f.BoolVar(&r.partial, "allow-partial", false, "take weights that are missing from IN fresh, and leave out those that the model doesn't know")
	f.Int64Var(&shard, "shard-size", 0, "the size of a shard in megabytes; 0 for one file")
	return cmd
}

// through loads the weights into a model and gives the model's.
func (r *request) through(e exchange, state *torch.StateDict) (*torch.StateDict, error) {
	m, err := e.open(r)
	if err != nil {
		return nil, err
	}
	if r.backend, err = backend.Open(); err != nil {
		return nil, err
	}
	r.weights = state
	s, err := r.open(part{"", m.net})
	if err != nil {
		return nil, err
	}
	return torch.Save(s.scope(""), m.net)
}
