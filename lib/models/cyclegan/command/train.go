package command

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/images"
	"genlab/lib/models/cyclegan"
)

// training is what `train cyclegan` takes: the model's own choices, and the data.
type training struct {
	cyclegan.TrainConfig
	Pictures
	Batch       int    `json:"batch" help:"pictures of either kind a step"`
	Flip        bool   `json:"flip" help:"show half of the pictures in the mirror"`
	ClassifierA string `json:"classifier_a" help:"run of a classifier of digits, to measure by after each epoch (with --classifier-b)"`
	ClassifierB string `json:"classifier_b" help:"run of a classifier of outlined digits: genlab train classifier --outlined"`
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: cyclegan.Recipe(), Pictures: Pictures{Digits: 8000}, Batch: 4}
	cmd := &cobra.Command{
		Use:   "cyclegan",
		Short: "Train two generators that translate between two kinds of pictures, without pairs",
		Long: `Train CycleGAN: on digits and on other digits drawn as outlines, both from the MNIST that comes with genlab, or on two folders of pictures.
An unfinished run in the same directory is resumed.`,
		Example: `  genlab train cyclegan                                            # digits and outlines
  genlab train cyclegan --preset default --a ~/photos --b ~/paintings --size 64 --ngf 32 --ndf 32 --flip --batch 1 --run runs/paintings`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, cyclegan.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		if err := t.run(cmd.Context()); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "kept_back_a", "of the test digits keep their class there and back", fmt.Sprintf("genlab sample cyclegan --run %s", command.Quote(t.Run)))
	}
	return cmd
}

func (t *training) run(ctx context.Context) error {
	a, b, err := t.sets(ctx, t.Model.Size, false)
	if err != nil {
		return err
	}
	t.Model.Channels = a.Channels
	tryA, tryB, err := t.sets(ctx, t.Model.Size, true)
	if err != nil {
		return err
	}
	if t.ClassifierA != "" {
		j, err := newJudge(tryA, tryB, t.ClassifierA, t.ClassifierB, 2000)
		if err != nil {
			return err
		}
		t.Evaluate = j.measure
	}
	t.AfterEpoch = func(ctx context.Context, m *cyclegan.Model, epoch int, samples string) error {
		return save(ctx, m, filepath.Join(samples, fmt.Sprintf("epoch-%03d.png", epoch)), tryA, tryB, 12)
	}
	cut := images.BatchConfig{Size: t.Batch, Seed: t.Seed, Shuffle: true, DropLast: true, Flip: t.Flip}
	var d unpaired
	if d.a, err = a.Batches(cut); err != nil {
		return err
	}
	cut.Seed++
	if d.b, err = b.Batches(cut); err != nil {
		return err
	}
	_, err = cyclegan.Train(ctx, t.TrainConfig, &d)
	return err
}
