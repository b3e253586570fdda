package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	pixelcnn "genlab/lib/models/pixelcnn/command"
	"genlab/lib/models/pixelrnn"
)

// training is what `train pixelrnn` takes: the model's own choices, and the pictures.
type training struct {
	pixelrnn.TrainConfig
	pixelcnn.Pictures
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: pixelrnn.Recipe(), Pictures: pixelcnn.Pictures{Batch: 16}}
	cmd := &cobra.Command{
		Use:   "pixelrnn",
		Short: "Train a PixelRNN, LSTMs that draw pictures pixel by pixel",
		Long: `Train a PixelRNN, LSTMs that draw pictures pixel by pixel: on MNIST in black and white, drawn anew from the grey values each time a
digit is seen, or on pictures of your own. An unfinished run in the same directory is gone on with.`,
		Example: `  genlab train pixelrnn                                      # a Row LSTM, in runs/pixelrnn
  genlab train pixelrnn --preset bilstm --run runs/bilstm    # the Diagonal BiLSTM`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, pixelrnn.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		sets, err := t.Pictures.Open(cmd.Context(), t.Model.Likelihood(), 0, t.Model.Height, t.Seed)
		if err != nil {
			return err
		}
		t.TrainConfig.Validation, t.Model.Height, t.Model.Width = sets.Validation, sets.Height, sets.Width
		t.AfterEpoch = func(ctx context.Context, m *pixelrnn.Model, epoch int, samples string) error {
			return pixelcnn.Epoch(ctx, m.Painter, t.Seed, epoch, samples)
		}
		if _, err := pixelrnn.Train(cmd.Context(), t.TrainConfig, sets.Training); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "validation_loss", "nats a test picture",
			fmt.Sprintf("genlab sample pixelrnn --run %s", command.Quote(t.Run)))
	}
	return cmd
}
