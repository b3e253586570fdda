package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/models/clip"
	pictures "genlab/lib/models/dalle/command"
)

// training is what `train clip` takes: the model's own choices, and the captions with their pictures.
type training struct {
	clip.TrainConfig
	pictures.Data
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: clip.Recipe(), Data: pictures.Data{Data: "scenes", Batch: 64, Steps: 300}}
	cmd := &cobra.Command{
		Use:   "clip",
		Short: "Train a CLIP, which tells how well pictures and captions fit",
		Long: `Train a CLIP, which tells how well pictures and captions fit: it finds pictures by captions, and the best among those that a DALL-E drew.
An unfinished run in the same directory is gone on with.`,
		Example: `  genlab train clip                                       # in runs/clip
  genlab draw "a red circle" --clip runs/clip --best-of 8 # the likeliest of eight times as many`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, clip.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		sets, err := t.Data.Open(t.Model.ImageSize, true, t.Seed)
		if err != nil {
			return err
		}
		t.Model.Words, t.Model.TextLength, t.TrainConfig.Validation = sets.Words, sets.Longest+1, sets.Validation
		if _, err := clip.Train(cmd.Context(), t.TrainConfig, sets.Training); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "validation_accuracy", "of held-out pictures find their captions in a batch",
			fmt.Sprintf("genlab find --run %s %q", command.Quote(t.Run), sets.Captions[0]))
	}
	return cmd
}
