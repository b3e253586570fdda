package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/spf13/cobra"

	"genlab/lib/backend"
	"genlab/lib/models/dcgan"
	"genlab/lib/models/gpt"
	"genlab/lib/models/rnn"
	"genlab/lib/models/transformer"
	"genlab/lib/models/vae"
	"genlab/lib/torch"
)

// structure is a model to describe, with the forward pass that a summary counts and the shapes of its inputs.
type structure struct {
	net     any
	forward func(s *model.Scope, in []*graph.Node)
	inputs  []shapes.Shape
}

func floats(dims ...int) shapes.Shape  { return shapes.Make(dtypes.Float32, dims...) }
func indices(dims ...int) shapes.Shape { return shapes.Make(dtypes.Int64, dims...) }

// structures makes the models that describe knows, from a config that leaves out what it likes.
var structures = map[string]func(r *request) (structure, error){
	"dcgan.discriminator": func(r *request) (structure, error) {
		c, err := r.discriminatorConfig()
		if err != nil {
			return structure{}, err
		}
		net, err := dcgan.NewDiscriminator(c)
		forward := func(s *model.Scope, in []*graph.Node) { net.ForwardFile(s, in[0]) }
		return structure{net, forward, []shapes.Shape{floats(1, c.NC, c.ImageSize, c.ImageSize)}}, err
	},
	"dcgan.generator": func(r *request) (structure, error) {
		c, err := r.generatorConfig()
		if err != nil {
			return structure{}, err
		}
		net, err := dcgan.NewGenerator(c)
		forward := func(s *model.Scope, in []*graph.Node) { net.ForwardFile(s, in[0]) }
		return structure{net, forward, []shapes.Shape{floats(1, c.NZ, 1, 1)}}, err
	},
	"encoder": func(r *request) (structure, error) {
		c := transformer.DefaultEncoder()
		c.Variant = transformer.Published // what the article prints
		if err := r.decode(&c); err != nil {
			return structure{}, err
		}
		net, err := transformer.NewEncoder(c)
		forward := func(s *model.Scope, in []*graph.Node) { net.Forward(s, in[0], nil) }
		return structure{net, forward, []shapes.Shape{indices(1, c.MaxLength)}}, err
	},
	"gpt": func(r *request) (structure, error) {
		c := gpt.GPT2()
		if err := r.decode(&c); err != nil {
			return structure{}, err
		}
		net, err := gpt.NewNet(c)
		forward := func(s *model.Scope, in []*graph.Node) { net.Forward(s, in[0]) }
		return structure{net, forward, []shapes.Shape{indices(1, c.Context)}}, err
	},
	"rnn": func(r *request) (structure, error) {
		c := rnn.DefaultArticle()
		if err := r.decode(&c); err != nil {
			return structure{}, err
		}
		net, err := rnn.NewArticle(c)
		forward := func(s *model.Scope, in []*graph.Node) { net.Forward(s, in[0], in[1]) }
		return structure{net, forward, []shapes.Shape{floats(5, 15, c.InputSize), floats(1, 5, c.HiddenSize)}}, err
	},
	"vae": func(r *request) (structure, error) {
		c := vae.Default()
		if err := r.decode(&c); err != nil {
			return structure{}, err
		}
		net, err := vae.NewNet(c)
		forward := func(s *model.Scope, in []*graph.Node) { net.Forward(s, in[0], in[1]) }
		return structure{net, forward, []shapes.Shape{floats(1, c.InputDim), floats(1, c.LatentDim)}}, err
	},
}

func newDescribeCmd() *cobra.Command {
	var config string
	var summary, asJSON bool
	ids := slices.Sorted(maps.Keys(structures))
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
			build, ok := structures[args[0]]
			if !ok {
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
			table, err := torch.Summarize(b, m.net, m.forward, m.inputs...)
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
