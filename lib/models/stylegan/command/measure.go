package command

import (
	"context"
	"math"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/metrics"
	"genlab/lib/models/stylegan"
)

// measuring is what `measure equivariance` takes.
type measuring struct {
	Run     string `flag:"run" help:"the run's directory"`
	Batches int    `flag:"batches" help:"how many shifts, and turns, to measure"`
	Batch   int    `flag:"batch" help:"pictures for each"`
	Margin  int    `flag:"margin" help:"values that StyleGAN3's layers keep around the picture; 0 is as in training"`
	Seed    uint64 `flag:"seed" help:"of pictures, shifts and turns"`
}

func newMeasure() *cobra.Command {
	c := measuring{Run: stylegan.Recipe().Run, Batches: 32, Batch: 8, Margin: 10, Seed: 1}
	cmd := &cobra.Command{
		Use:   "equivariance",
		Short: "Measure how exactly a StyleGAN's pictures move and turn with its input",
		Long: `Measure how exactly a StyleGAN's pictures move and turn with its input, in dB (Karras et al. 2021, appendix E): EQ-T for shifts by whole
pixels, EQ-T of any shifts, EQ-R for turns. The paper has 66.65 and 40.48 (EQ-T, EQ-R) for StyleGAN3-R, 15.89 and 10.79 for StyleGAN2.
The layers' margin may be wider than in training: what comes in from outside of it is what moves least exactly.`,
		Example: `  genlab measure equivariance --run runs/stylegan`,
		Args:    cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		eq, err := c.measure(cmd.Context())
		if err != nil {
			return err
		}
		cmd.Printf("EQ-T      %.2f dB\nEQ-T frac %.2f dB\nEQ-R      %.2f dB\n", eq.Shift, eq.FractionalShift, eq.Turn)
		return nil
	}
	return cmd
}

func (c measuring) measure(ctx context.Context) (metrics.EQ, error) {
	m, err := stylegan.Open(c.Run)
	if err != nil {
		return metrics.EQ{}, err
	}
	if c.Margin != 0 {
		if m, err = m.WithMargin(c.Margin); err != nil {
			return metrics.EQ{}, err
		}
	}
	return metrics.Equivariance{Size: m.Config.Size, Channels: m.Config.Channels, Make: Moving(m, c.Seed)}.Measure(ctx, c.Batches, c.Batch, c.Seed)
}

// Moving makes a model's pictures for [metrics.Equivariance].
func Moving(m *stylegan.Model, seed uint64) func(ctx context.Context, batch, n int, x, y, angle float64) ([][]float32, error) {
	return func(ctx context.Context, batch, n int, x, y, angle float64) ([][]float32, error) {
		z, err := m.Noise(ctx, n, seed+uint64(batch))
		if err != nil {
			return nil, err
		}
		return m.Generate(ctx, stylegan.Points{Z: z, Labels: m.Labels(n)}, stylegan.Look{X: x, Y: y, Turn: angle * 180 / math.Pi})
	}
}
