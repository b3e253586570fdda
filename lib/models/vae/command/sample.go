package command

import (
	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/models/vae"
	"genlab/lib/viz"
)

// sampling is what `sample vae` takes.
type sampling struct {
	Run    string `flag:"run" help:"the run's directory"`
	Out    string `flag:"out" help:"picture to write, a PNG"`
	Number int    `flag:"number" short:"n" help:"how many"`
	Seed   uint64 `flag:"seed" help:"the same seed gives the same samples"`
}

func newSample() *cobra.Command {
	c := sampling{Run: vae.Recipe().Run, Out: "out/vae.png", Number: 64, Seed: 1}
	cmd := &cobra.Command{
		Use:     "vae",
		Short:   "Draw samples from a trained VAE",
		Example: "  genlab sample vae --run runs/vae -n 64 --out digits.png",
		Args:    cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		m, err := vae.Open(c.Run)
		if err != nil {
			return err
		}
		pixels, err := m.Sample(cmd.Context(), c.Number, c.Seed)
		if err != nil {
			return err
		}
		if err := viz.Save(c.Out, viz.Grid(viz.Images{Pixels: pixels}, 8)); err != nil {
			return err
		}
		cmd.Printf("picture: %s\n", c.Out)
		return nil
	}
	return cmd
}
