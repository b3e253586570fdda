// Package commandtest runs a model's verbs in tests.
package commandtest

import (
	"bytes"
	"context"

	"github.com/spf13/cobra"

	"genlab/lib/command"
)

// Run runs a command line, such as "sample", "vae", "-n", "4", on a model's verbs in this process.
func Run(ctx context.Context, m command.Model, args ...string) (stdout, stderr string, err error) {
	root := &cobra.Command{Use: "genlab", SilenceErrors: true, SilenceUsage: true}
	groups := map[string]*cobra.Command{"": root}
	for _, v := range m.Verbs {
		if groups[v.Group] == nil {
			groups[v.Group] = &cobra.Command{Use: v.Group}
			root.AddCommand(groups[v.Group])
		}
		groups[v.Group].AddCommand(v.New())
	}
	var out, errs bytes.Buffer
	root.SetArgs(args)
	root.SetOut(command.PlainWriter(&out))
	root.SetErr(command.PlainWriter(&errs))
	err = root.ExecuteContext(ctx)
	return out.String(), errs.String(), err
}
