package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
	"genlab/lib/models/vit"
)

// training is what `train vit` takes: the model's own choices, and the data.
type training struct {
	vit.TrainConfig
	Batch int    `json:"batch" help:"digits a step"`
	Shift int    `json:"shift" help:"random crops: how many pixels a digit may move to either side"`
	Data  string `json:"data" help:"folder of IDX files, gzipped or not (default the MNIST that comes with genlab)"`
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: vit.Recipe(), Batch: 128, Shift: 2}
	cmd := &cobra.Command{
		Use:   "vit",
		Short: "Train a Vision Transformer to tell digits apart",
		Long: `Train a Vision Transformer on MNIST: on the real one, which comes with genlab, or on a folder of IDX files.
An unfinished run in the same directory is gone on with.`,
		Example: `  genlab train vit                                         # in runs/vit
  genlab train vit --patch 4 --epochs 20 --run runs/vit-4   # 49 patches a digit: slower`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, vit.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		if err := t.run(cmd.Context()); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "accuracy", "of the test digits told right", fmt.Sprintf("genlab classify vit --run %s", command.Quote(t.Run)))
	}
	return cmd
}

func (t *training) run(ctx context.Context) error {
	digits, err := mnist.Load(mnist.Config{Dir: t.Data})
	if err != nil {
		return err
	}
	batches, err := t.batches(digits.Train, images.BatchConfig{Size: t.Batch, Seed: t.Seed, Shuffle: true, DropLast: true, Shift: t.Shift})
	if err != nil {
		return err
	}
	if t.Validation, err = t.batches(digits.Test, images.BatchConfig{Size: 250}); err != nil {
		return err
	}
	_, err = vit.Train(ctx, t.TrainConfig, batches)
	return err
}

func (t *training) batches(digits *mnist.Split, c images.BatchConfig) (*images.Batches, error) {
	set, err := images.MNIST(digits, t.Model.ImageSize)
	if err != nil {
		return nil, err
	}
	c.Labels = true
	return set.Batches(c)
}
