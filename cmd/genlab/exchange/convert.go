package exchange

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"genlab/cmd/genlab/models"
	"genlab/lib/backend"
	"genlab/lib/spec"
	"genlab/lib/torch"
)

// NewConvert makes `genlab convert`.
func NewConvert() *cobra.Command {
	var id, config string
	ids := spec.NetIDs(models.Specs())
	var shard int64
	r := &spec.Request{}
	var source torch.Source
	cmd := &cobra.Command{
		Use:   "convert IN OUT",
		Short: "Convert weights: PyTorch's .pt to safetensors, one file to shards, and back",
		Long: `Convert weights. IN is a .safetensors file, its shards' .index.json, or what torch.save wrote; OUT is a .safetensors file, whole or,
with --shard-size, in shards with an index. With --model the weights go through that model: what is missing, unexpected or of another
shape is listed, and OUT is what PyTorch's load_state_dict takes with strict=True.`,
		Example: `  genlab convert vae.pt vae.safetensors
  genlab convert checkpoint.pt vae.safetensors --key model --strip-prefix module.
  genlab convert vae.pt vae.safetensors --model vae --config '{"latent_dim": 20}'
  genlab convert gpt2.safetensors parts/gpt2.safetensors --shard-size 200`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if shard < 0 {
				return fmt.Errorf("--shard-size is %d: it must be a number of megabytes, or 0 for one file", shard)
			}
			if id == "" && (config != "{}" || r.Partial) {
				return errors.New("--config and --allow-partial are about a model: give --model")
			}
			if id != "" && !slices.Contains(ids, id) {
				return fmt.Errorf("--model is %q: convert knows %s", id, strings.Join(ids, ", "))
			}
			if !strings.HasSuffix(args[1], ".safetensors") {
				return fmt.Errorf("OUT is %s: it must end in .safetensors", args[1])
			}
			if err := checkOut(args[1]); err != nil {
				return err
			}
			r.Warn = func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), text) }
			source.Path = args[0]
			return interruptible(cmd.Context(), func() error {
				state, err := source.Read()
				if err != nil {
					return err
				}
				if id != "" {
					net, err := spec.FindNet(models.Specs(), id)
					if err != nil {
						return err
					}
					if r.Backend, err = backend.Open(); err != nil {
						return err
					}
					r.Config, r.Weights = spec.Config{config}, state
					if state, err = r.Convert(net); err != nil {
						return err
					}
				}
				if shard > 0 {
					return torch.WriteShards(args[1], state, shard*1e6)
				}
				return torch.Write(args[1], state)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&id, "model", "", "the id of the model that the weights are for: "+strings.Join(ids, ", "))
	configFlags(f, &config, &r.Partial)
	sourceFlags(f, &source)
	f.Int64Var(&shard, "shard-size", 0, "the size of a shard in megabytes; 0 for one file")
	return cmd
}
