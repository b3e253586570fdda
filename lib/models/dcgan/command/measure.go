package command

import (
	"context"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/models/classifier"
	"genlab/lib/models/dcgan"
)

// measuring is what `measure digits` takes.
type measuring struct {
	Run        string `flag:"run" help:"run of the GAN"`
	Pictures   string `flag:"pictures" help:"measure the pictures of this file instead, safetensors"`
	Classifier string `flag:"classifier" help:"run of the classifier (genlab train classifier)"`
	Number     int    `flag:"number" short:"n" help:"how many samples of the GAN"`
	Seed       uint64 `flag:"seed" help:"of the samples"`
}

func newMeasureDigits() *cobra.Command {
	c := measuring{Run: dcgan.Recipe().Run, Classifier: classifier.Recipe().Run, Number: 2000, Seed: 1}
	cmd := &cobra.Command{
		Use:   "digits",
		Short: "Measure digits by the features of a classifier: a GAN's, or any in a file",
		Long: `Measure digits by the features of a classifier: a GAN's, or any in a file.
frechet is the Fréchet distance to the 10,000 test digits, 0 is best; precision and recall are of three neighbours among 2,000;
entropy, in nats, and missing digits are those of the first 1,000 samples.`,
		Example: `  genlab measure digits --run runs/dcgan
  genlab measure digits --pictures samples.safetensors   # tensor "images": [n, size, size, 1] in [0, 1]`,
		Args: cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		pictures, size, err := c.open(ctx)
		if err != nil {
			return err
		}
		j, err := newJudge(ctx, c.Classifier, size)
		if err != nil {
			return err
		}
		measured, err := j.measure(ctx, pictures)
		if err != nil {
			return err
		}
		for _, m := range measured {
			cmd.Printf("%-9s %.4g\n", m.Name, m.Value)
		}
		return nil
	}
	return cmd
}

// open gives grey square pictures and their size.
func (c measuring) open(ctx context.Context) ([][]float32, int, error) {
	if c.Pictures != "" {
		return read(c.Pictures)
	}
	m, err := dcgan.Open(c.Run)
	if err != nil {
		return nil, 0, err
	}
	pictures, err := m.Sample(ctx, c.Number, c.Seed)
	return pictures, m.Config.ImageSize, err
}
