package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/models/stylegan"
	"genlab/lib/viz"
)

// sampling is what `sample stylegan` takes.
type sampling struct {
	Run      string  `flag:"run" help:"the run's directory"`
	Out      string  `flag:"out" help:"picture to write, a PNG"`
	Number   int     `flag:"number" short:"n" help:"how many"`
	Class    int     `flag:"class" help:"the class to make, by number, of a model with classes; -1 is all in turn"`
	Truncate float64 `flag:"truncate" help:"how far to draw styles towards their mean: 0 not at all, 0.3 for fewer failures, 1 is the mean"`
	X        float64 `flag:"x" help:"move to the right, in parts of the size"`
	Y        float64 `flag:"y" help:"move down, in parts of the size"`
	Turn     float64 `flag:"turn" help:"turn against the clock, in degrees"`
	Mix      bool    `flag:"mix" help:"mix styles: each row's coarse ones with each column's fine ones; the first row and column are what is mixed"`
	From     int     `flag:"from" help:"the layer at which the fine styles of --mix begin"`
	Seed     uint64  `flag:"seed" help:"the same seed gives the same samples"`
	Tensors  string  `flag:"tensors" help:"file to write the samples to, too: a tensor images [n, size, size, channels], safetensors, as genlab measure digits reads it"`
}

func newSample() *cobra.Command {
	c := sampling{Run: stylegan.Recipe().Run, Out: "out/stylegan.png", Number: 64, Class: -1, From: 4, Seed: 1}
	cmd := &cobra.Command{
		Use:   "stylegan",
		Short: "Draw samples from a trained StyleGAN: truncated, moved, turned, mixed",
		Example: `  genlab sample stylegan --run runs/stylegan -n 64 --truncate 0.3
  genlab sample stylegan --run runs/stylegan --turn 30 --x 0.1 --out turned.png
  genlab sample stylegan --run runs/stylegan --mix -n 6 --from 3 --out mixed.png`,
		Args: cobra.NoArgs,
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
	if !(c.Truncate >= 0 && c.Truncate <= 1) {
		return fmt.Errorf("--truncate is %g: it must be 0 to 1", c.Truncate)
	}
	m, err := stylegan.Open(c.Run)
	if err != nil {
		return err
	}
	z, err := m.Noise(ctx, c.Number, c.Seed)
	if err != nil {
		return err
	}
	p, columns := stylegan.Points{Z: z}, 8
	if c.Mix {
		p, columns = mixed(z, c.From), len(z)+1
	}
	if p.Labels = m.Labels(len(p.Z)); c.Class >= 0 {
		for i := range p.Labels {
			p.Labels[i] = c.Class
		}
	}
	pixels, err := m.Generate(ctx, p, stylegan.Look{Truncate: c.Truncate, X: c.X, Y: c.Y, Turn: c.Turn})
	if err != nil {
		return err
	}
	if c.Tensors != "" {
		if err := write(c.Tensors, m.Config, pixels); err != nil {
			return err
		}
	}
	return viz.Save(c.Out, viz.Grid(picturesOf(m.Config, pixels), columns))
}

// mixed has a row for each point, with the fine styles of all in turn; before them, and above, stand the points themselves.
func mixed(z [][]float32, from int) stylegan.Points {
	p := stylegan.Points{From: from}
	add := func(coarse, fine []float32) { p.Z, p.Fine = append(p.Z, coarse), append(p.Fine, fine) }
	add(make([]float32, len(z[0])), make([]float32, len(z[0]))) // the corner: the middle of the latent space
	for _, fine := range z {
		add(fine, fine)
	}
	for _, coarse := range z {
		add(coarse, coarse)
		for _, fine := range z {
			add(coarse, fine)
		}
	}
	return p
}
