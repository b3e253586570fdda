package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/models/cyclegan"
)

// sampling is what `sample cyclegan` takes.
type sampling struct {
	Pictures
	Run    string `flag:"run" help:"the run's directory"`
	Out    string `flag:"out" help:"picture to write, a PNG"`
	Number int    `flag:"number" short:"n" help:"how many of either kind"`
}

func newSample() *cobra.Command {
	c := sampling{Run: cyclegan.Recipe().Run, Out: "out/cyclegan.png", Number: 12}
	cmd := &cobra.Command{
		Use:   "cyclegan",
		Short: "Translate pictures of both kinds, and back, with a trained CycleGAN",
		Long: `Translate pictures of both kinds with a trained CycleGAN: the picture shows those of kind A, what they become and what these become
again, and the same from kind B.`,
		Example: "  genlab sample cyclegan --run runs/cyclegan -n 12 --out translated.png",
		Args:    cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if c.Number < 1 {
			return fmt.Errorf("--number is %d: it must be at least 1", c.Number)
		}
		m, err := cyclegan.Open(c.Run)
		if err != nil {
			return err
		}
		a, b, err := c.sets(cmd.Context(), m.Config.Size, true)
		if err != nil {
			return err
		}
		if err := save(cmd.Context(), m, c.Out, a, b, c.Number); err != nil {
			return err
		}
		cmd.Printf("picture: %s\n", c.Out)
		return nil
	}
	return cmd
}
