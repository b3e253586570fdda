package command

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/mnist"
	"genlab/lib/models/vae"
	"genlab/lib/viz"
)

// training is what `train vae` takes: the model's own choices, and the data.
type training struct {
	vae.TrainConfig
	Batch int    `json:"batch" help:"images a step"`
	Data  string `json:"data" help:"folder of IDX files, gzipped or not (default the MNIST that comes with genlab)"`
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: vae.Recipe(), Batch: 128}
	cmd := &cobra.Command{
		Use:   "vae",
		Short: "Train the article's variational autoencoder on MNIST",
		Long: `Train the article's variational autoencoder on MNIST: on the real one, which comes with genlab, or on a folder of IDX files.
An unfinished run in the same directory is resumed.`,
		Example: `  genlab train vae                                     # 10 epochs in runs/vae
  genlab train vae --preset plane --run runs/vae-2d    # a latent space that can be drawn
  genlab train vae --data ~/fashion-mnist --epochs 20 --run runs/fashion`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, vae.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		digits, err := mnist.Load(mnist.Config{Dir: t.Data})
		if err != nil {
			return err
		}
		batches, err := digits.Train.Batches(mnist.BatchConfig{Size: t.Batch, Seed: t.Seed, Shuffle: true, DropLast: true})
		if err != nil {
			return err
		}
		if t.Validation, err = digits.Test.Batches(mnist.BatchConfig{Size: 500}); err != nil {
			return err
		}
		t.Model.InputDim = digits.Train.Rows * digits.Train.Cols
		t.AfterEpoch = func(ctx context.Context, m *vae.Model, epoch int, samples string) error {
			pixels, err := m.Sample(ctx, 64, t.Seed)
			if err != nil {
				return err
			}
			picture := viz.Grid(viz.Images{Pixels: pixels, Height: digits.Train.Rows, Width: digits.Train.Cols}, 8)
			return viz.Save(filepath.Join(samples, fmt.Sprintf("epoch-%03d.png", epoch)), picture)
		}
		if _, err := vae.Train(cmd.Context(), t.TrainConfig, batches); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "validation_loss", "nats a test image",
			fmt.Sprintf("genlab sample vae --run %s", command.Quote(t.Run)))
	}
	return cmd
}
