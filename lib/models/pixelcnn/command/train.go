package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/models/pixelcnn"
)

// training is what `train pixelcnn` takes: the model's own choices, and the pictures.
type training struct {
	pixelcnn.TrainConfig
	Pictures
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: pixelcnn.Recipe(), Pictures: Pictures{Batch: 16}}
	cmd := &cobra.Command{
		Use:   "pixelcnn",
		Short: "Train a PixelCNN, which draws pictures pixel by pixel",
		Long: `Train a PixelCNN, which draws pictures pixel by pixel: on MNIST in black and white, drawn anew from the grey values each time a digit
is seen, or on pictures of your own. An unfinished run in the same directory is gone on with.`,
		Example: `  genlab train pixelcnn                                          # in runs/pixelcnn; half an hour and more on two cores
  genlab train pixelcnn --preset digits --run runs/by-class      # told the digits' classes
  genlab train pixelcnn --preset large --epochs 60 --run runs/pixelcnn-large
  genlab train pixelcnn --preset colour --data ~/sprites --epochs 30 --run runs/sprites`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, pixelcnn.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		sets, err := t.Pictures.Open(cmd.Context(), t.Model.Likelihood(), t.Model.Classes, t.Model.Height, t.Seed)
		if err != nil {
			return err
		}
		t.TrainConfig.Validation, t.Model.Height, t.Model.Width = sets.Validation, sets.Height, sets.Width
		t.AfterEpoch = func(ctx context.Context, m *pixelcnn.Model, epoch int, samples string) error {
			return Epoch(ctx, m.Painter, t.Seed, epoch, samples)
		}
		if _, err := pixelcnn.Train(cmd.Context(), t.TrainConfig, sets.Training); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "validation_loss", "nats a test picture",
			fmt.Sprintf("genlab sample pixelcnn --run %s", command.Quote(t.Run)))
	}
	return cmd
}
