package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/images"
	"genlab/lib/models/stylegan"
	"genlab/lib/viz"
)

// training is what `train stylegan` takes: the model's own choices, and the data.
type training struct {
	stylegan.TrainConfig
	Data        string `json:"data" help:"sprites (genlab data sprites), mnist, or a folder of pictures; its sub-folders are classes"`
	Conditional bool   `json:"conditional" help:"make pictures of the class that is asked for"`
	Batch       int    `json:"batch" help:"pictures a step"`
	Flip        bool   `json:"flip" help:"show half of the pictures in the mirror"`
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: stylegan.Recipe(), Data: "sprites", Batch: 16}
	cmd := &cobra.Command{
		Use:   "stylegan",
		Short: "Train StyleGAN3, or StyleGAN2, on pictures",
		Long: `Train StyleGAN3 (kind t or r) or StyleGAN2 (kind 2): on sprites, on MNIST, or on any folder of pictures.
An unfinished run in the same directory is gone on with.`,
		Example: `  genlab data sprites && genlab train stylegan                  # 32×32 sprites in runs/stylegan
  genlab train stylegan --preset digits --data mnist --run runs/stylegan-digits
  genlab train stylegan --kind r --run runs/stylegan-r           # turns, too
  genlab train stylegan --size 64 --data ~/photos --flip --run runs/photos`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, stylegan.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		if err := t.run(cmd.Context()); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "loss_d", "the discriminator's loss", fmt.Sprintf("genlab sample stylegan --run %s", command.Quote(t.Run)))
	}
	return cmd
}

func (t *training) run(ctx context.Context) error {
	set, err := open(ctx, t.Data, t.Model.Size)
	if err != nil {
		return err
	}
	t.Model.Channels = set.Channels
	if t.Conditional {
		if len(set.Classes) < 2 {
			return errors.New("--conditional: the pictures have no classes: put each class's pictures into a folder of its own")
		}
		t.Model.Classes = len(set.Classes)
	}
	batches, err := set.Batches(images.BatchConfig{Size: t.Batch, Seed: t.Seed, Shuffle: true, DropLast: true, Labels: t.Model.Classes > 0, Flip: t.Flip})
	if err != nil {
		return err
	}
	t.AfterEpoch = func(ctx context.Context, m *stylegan.Model, epoch int, samples string) error {
		pixels, err := m.Sample(ctx, 64, 1)
		if err != nil {
			return err
		}
		return viz.Save(filepath.Join(samples, fmt.Sprintf("epoch-%03d.png", epoch)), viz.Grid(picturesOf(m.Config, pixels), 8))
	}
	_, err = stylegan.Train(ctx, t.TrainConfig, batches)
	return err
}
