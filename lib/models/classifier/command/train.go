package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/images"
	"genlab/lib/data/mnist"
	"genlab/lib/models/classifier"
)

// training is what `train classifier` takes: the model's own choices, and the data.
type training struct {
	classifier.TrainConfig
	Batch    int    `json:"batch" help:"digits a step"`
	Outlined bool   `json:"outlined" help:"digits as outlines on paper, the other manner of genlab train cyclegan"`
	Data     string `json:"data" help:"folder of IDX files, gzipped or not (default the MNIST that comes with genlab)"`
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: classifier.Recipe(), Batch: 128}
	cmd := &cobra.Command{
		Use:     "classifier",
		Short:   "Train a classifier of digits, by which samples are measured",
		Example: "  genlab train classifier                  # MNIST, a few minutes in runs/digits",
		Args:    cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, nil)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		if err := t.run(cmd.Context()); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "accuracy", "of the test digits told right",
			fmt.Sprintf("genlab measure digits --classifier %s --run runs/dcgan", command.Quote(t.Run)))
	}
	return cmd
}

func (t *training) run(ctx context.Context) error {
	digits, err := mnist.Load(mnist.Config{Dir: t.Data})
	if err != nil {
		return err
	}
	batches, err := t.batches(digits.Train, images.BatchConfig{Size: t.Batch, Seed: t.Seed, Shuffle: true, DropLast: true})
	if err != nil {
		return err
	}
	if t.Validation, err = t.batches(digits.Test, images.BatchConfig{Size: 250}); err != nil {
		return err
	}
	_, err = classifier.Train(ctx, t.TrainConfig, batches)
	return err
}

func (t *training) batches(digits *mnist.Split, c images.BatchConfig) (*images.Batches, error) {
	if t.Outlined {
		digits = digits.Outlined()
	}
	set, err := images.MNIST(digits, t.Model.Size)
	if err != nil {
		return nil, err
	}
	c.Labels = true
	return set.Batches(c)
}
