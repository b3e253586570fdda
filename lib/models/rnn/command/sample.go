package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/models/rnn"
)

// sampling is what `sample lstm` takes.
type sampling struct {
	Run string `flag:"run" help:"the run's directory"`
	rnn.SampleConfig
}

func newSample() *cobra.Command {
	c := sampling{Run: rnn.Recipe().Run, SampleConfig: rnn.SampleConfig{Length: 1000, Temperature: 0.8, Seed: 1}}
	cmd := &cobra.Command{
		Use:   "lstm",
		Short: "Write text with a trained language model; it shows as it comes",
		Example: `  genlab sample lstm --prompt "The Light of the Sun"
  genlab sample lstm --temperature 1 --top-p 0.9 --length 5000 --seed 7`,
		Args: cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		m, err := rnn.Open(c.Run)
		if err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		c.Stream = func(piece string) error {
			_, err := fmt.Fprint(out, piece)
			return err
		}
		if _, err := fmt.Fprint(out, c.Prompt); err != nil {
			return err
		}
		if _, err := m.Sample(cmd.Context(), c.SampleConfig); err != nil {
			return err
		}
		_, err = fmt.Fprintln(out)
		return err
	}
	return cmd
}
