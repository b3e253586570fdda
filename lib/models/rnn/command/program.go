package command

import (
	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/models/rnn"
)

func newProgram() *cobra.Command {
	p := rnn.DefaultProgram()
	cmd := &cobra.Command{
		Use:     "rnn",
		Short:   "Run the article's program for the recurrent network, on random data",
		Example: "  genlab train rnn --epochs 10",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.Run(cmd.Context(), func(epoch int, loss float64) { cmd.Printf("Epoch %d, Loss: %v\n", epoch, float32(loss)) })
		},
	}
	command.Flags(cmd, &p)
	return cmd
}
