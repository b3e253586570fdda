package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/spf13/cobra"

	"genlab/lib/backend"
	"genlab/lib/torch"
)

// summarize counts a model, with the free sizes that its structure names.
func (m structure) summarize(b compute.Backend) (*torch.Summary, error) {
	var given []shapes.Shape
	var places []int
	for i, in := range m.inputs {
		if in.optional {
			continue
		}
		dtype := dtypes.Float32
		if in.dtype == torch.I64 {
			dtype = dtypes.Int64
		}
		dims := slices.Clone(in.shape)
		for k, d := range dims {
			if d < 0 {
				dims[k] = max(m.sizes[d], 1)
			}
		}
		given, places = append(given, shapes.Make(dtype, dims...)), append(places, i)
	}
	return torch.Summarize(b, m.net, func(s *model.Scope, nodes []*graph.Node) {
		all := make([]*graph.Node, len(m.inputs))
		for i, n := range nodes {
			all[places[i]] = n
		}
		m.forward(s, all)
	}, given...)
}

func newDescribeCmd() *cobra.Command {
	var config string
	var summary, asJSON bool
	ids := exchangeIDs(opens)
	cmd := &cobra.Command{
		Use:   "describe MODEL",
		Short: "Print a model as PyTorch's print does, or its layers in a table",
		Long:  "Print a model as PyTorch's print does, or its layers in a table as torchinfo's. MODEL is one of " + strings.Join(ids, ", ") + ".",
		Example: `  genlab describe vae
  genlab describe dcgan.generator --config '{"ngf": 32}'
  genlab describe encoder --summary    # output shapes, parameters, multiply-adds, memory
  genlab describe vae --json           # the same for programs`,
		Args:      cobra.ExactArgs(1),
		ValidArgs: ids,
		RunE: func(cmd *cobra.Command, args []string) error {
			build := exchanges[args[0]].open
			if build == nil {
				return fmt.Errorf("there is no model %q: describe knows %s", args[0], strings.Join(ids, ", "))
			}
			if summary && asJSON {
				return errors.New("--summary and --json are two forms of one table: give one of them")
			}
			m, err := build(&request{config: config})
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if !summary && !asJSON {
				_, err := fmt.Fprintln(out, torch.Sprint(m.net))
				return err
			}
			b, err := backend.Open()
			if err != nil {
				return err
			}
			table, err := m.summarize(b)
			if err != nil {
				return err
			}
			if asJSON {
				e := json.NewEncoder(out)
				e.SetIndent("", "  ")
				return e.Encode(table)
			}
			_, err = fmt.Fprintln(out, table)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&config, "config", "{}", "the constructor's arguments as JSON, under the article's names")
	f.BoolVar(&summary, "summary", false, "a table of the layers, as torchinfo's")
	f.BoolVar(&asJSON, "json", false, "the table as JSON")
	return cmd
}
