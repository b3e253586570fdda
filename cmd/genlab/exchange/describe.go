package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"genlab/cmd/genlab/models"
	"genlab/lib/backend"
	"genlab/lib/spec"
	"genlab/lib/torch"
)

// NewDescribe makes `genlab describe`.
func NewDescribe() *cobra.Command {
	var config string
	var summary, asJSON bool
	ids := spec.NetIDs(models.Specs())
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
			net, err := spec.FindNet(models.Specs(), args[0])
			if err != nil {
				return err
			}
			if summary && asJSON {
				return errors.New("--summary and --json are two forms of one table: give one of them")
			}
			pass, err := net.Open(net.ToPrint(config))
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if !summary && !asJSON {
				_, err := fmt.Fprintln(out, torch.Sprint(pass.Net))
				return err
			}
			b, err := backend.Open()
			if err != nil {
				return err
			}
			table, err := pass.Summarize(b)
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
