package command

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/models/dalle"
	"genlab/lib/viz"
)

// training is what `train dalle` takes: the model's own choices, and the captions with their pictures.
type training struct {
	dalle.TrainConfig
	Data
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: dalle.Recipe(), Data: Data{Data: "scenes", Batch: 32, Steps: 500}}
	cmd := &cobra.Command{
		Use:   "dalle",
		Short: "Train DALL-E's transformer, which draws pictures from captions",
		Long: `Train DALL-E's transformer, which draws pictures from captions, on the codes of a trained dVAE. An unfinished run in the same directory
is gone on with. After each epoch samples/ has a row of pictures for each of some held-out captions.`,
		Example: `  genlab train dvae && genlab train dalle
  genlab train dalle --attention row,column,row,conv --run runs/dalle-sparse`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, dalle.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		pictures, err := dalle.OpenPictures(t.DVAE)
		if err != nil {
			return fmt.Errorf("--dvae: %w", err)
		}
		sets, err := t.Data.Open(pictures.Config.Size, true, t.Seed)
		if err != nil {
			return err
		}
		t.Model.Words, t.Model.TextLength, t.TrainConfig.Validation = sets.Words, sets.Longest, sets.Validation
		t.AfterEpoch = func(ctx context.Context, m *dalle.Model, epoch int, samples string) error {
			return saveDrawn(ctx, m, sets.Captions, t.Seed, filepath.Join(samples, fmt.Sprintf("epoch-%03d.png", epoch)))
		}
		if _, err := dalle.Train(cmd.Context(), t.TrainConfig, sets.Training); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "validation_loss", "nats a code of held-out pictures",
			fmt.Sprintf("genlab draw --run %s %q", command.Quote(t.Run), sets.Captions[0]))
	}
	return cmd
}

// saveDrawn writes a row of pictures for each caption.
func saveDrawn(ctx context.Context, m *dalle.Model, texts []string, seed uint64, path string) error {
	const each = 12
	drawn, err := draw(ctx, m, texts, each, dalle.SampleConfig{Seed: seed})
	if err != nil {
		return err
	}
	return viz.Save(path, grid(m, drawn.Pictures, each))
}
