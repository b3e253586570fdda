package command

import (
	"context"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/models/dcgan"
	"genlab/lib/viz"
)

// sampling is what `sample dcgan` takes.
type sampling struct {
	Run    string `flag:"run" help:"the run's directory"`
	Out    string `flag:"out" help:"picture to write, a PNG"`
	Number int    `flag:"number" short:"n" help:"how many"`
	Class  int    `flag:"class" help:"the class to make, by number, of a model with classes; -1 is all in turn"`
	Seed   uint64 `flag:"seed" help:"the same seed gives the same samples"`
}

func newSample() *cobra.Command {
	c := sampling{Run: dcgan.Recipe().Run, Out: "out/dcgan.png", Number: 64, Class: -1, Seed: 1}
	cmd := &cobra.Command{
		Use:     "dcgan",
		Short:   "Draw samples from a trained GAN",
		Example: "  genlab sample dcgan --run runs/dcgan -n 64 --out digits.png",
		Args:    cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := c.draw(cmd.Context()); err != nil {
			return err
		}
		cmd.Printf("picture: %s\n", c.Out)
		return nil
	}
	return cmd
}

func (c sampling) draw(ctx context.Context) error {
	m, err := dcgan.Open(c.Run)
	if err != nil {
		return err
	}
	z, err := m.Noise(ctx, c.Number, c.Seed)
	if err != nil {
		return err
	}
	var labels []int
	for i := 0; m.Config.Classes > 0 && i < c.Number; i++ {
		label := c.Class
		if label < 0 {
			label = i % m.Config.Classes
		}
		labels = append(labels, label)
	}
	pixels, err := m.Generate(ctx, z, labels)
	if err != nil {
		return err
	}
	return viz.Save(c.Out, viz.Grid(picturesOf(m.Config, pixels), 8))
}
