package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/models/transformer"
	"genlab/lib/models/vae"
	"genlab/lib/torch"
)

// described makes the models that describe knows, from a config in the request that leaves out what it likes.
var described = map[string]func(r *request) (any, error){
	"encoder": func(r *request) (any, error) {
		c := transformer.DefaultEncoder()
		c.Variant = transformer.Published // what the article prints
		if err := r.decode(&c); err != nil {
			return nil, err
		}
		return transformer.NewEncoder(c)
	},
	"vae": func(r *request) (any, error) {
		c := vae.Default()
		if err := r.decode(&c); err != nil {
			return nil, err
		}
		return vae.NewNet(c)
	},
}

func newDescribeCmd() *cobra.Command {
	var config string
	ids := slices.Sorted(maps.Keys(described))
	cmd := &cobra.Command{
		Use:   "describe MODEL",
		Short: "Print a model as PyTorch's print does",
		Long:  "Print a model as PyTorch's print does. MODEL is one of " + strings.Join(ids, ", ") + ".",
		Example: `  genlab describe vae
  genlab describe dcgan.generator --config '{"ngf": 32}'`,
		Args:      cobra.ExactArgs(1),
		ValidArgs: ids,
		RunE: func(cmd *cobra.Command, args []string) error {
			make, ok := described[args[0]]
			if !ok {
				return fmt.Errorf("there is no model %q: describe knows %s", args[0], strings.Join(ids, ", "))
			}
			net, err := make(&request{config: config})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), torch.Sprint(net))
			return err
		},
	}
	cmd.Flags().StringVar(&config, "config", "{}", "the constructor's arguments as JSON, under the article's names")
	return cmd
}
