package command

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/models/vae"
	"genlab/lib/viz"
)

// training is what `train vae` takes: the model's own choices, and the data.
type training struct {
	vae.TrainConfig
	Batch int    `json:"batch" help:"images a step"`
	Data  string `json:"data" help:"folder of IDX files, gzipped or not, or of pictures (default the MNIST that comes with genlab)"`
	Size  int    `json:"size" help:"height and width that a folder's pictures are brought to"`
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: vae.Recipe(), Batch: 128, Size: 28}
	cmd := &cobra.Command{
		Use:   "vae",
		Short: "Train the article's variational autoencoder on MNIST",
		Long: `Train the article's variational autoencoder on MNIST: on the real one, which comes with genlab, on a folder of IDX files like its
own, or on any folder of pictures, which is then not measured: its loss is that of the training.
An unfinished run in the same directory is resumed.`,
		Example: `  genlab train vae                                     # 10 epochs in runs/vae
  genlab train vae --preset plane --run runs/vae-2d    # a latent space that can be drawn
  genlab train vae --data ~/fashion-mnist --epochs 20 --run runs/fashion
  genlab train vae --data ~/photos --size 32 --hidden 800 --run runs/photos`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, vae.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		d, err := t.open(cmd.Context())
		if err != nil {
			return err
		}
		t.Validation = d.validation
		t.Model.InputDim = d.height * d.width * d.channels
		t.AfterEpoch = func(ctx context.Context, m *vae.Model, epoch int, samples string) error {
			pixels, err := m.Sample(ctx, 64, t.Seed)
			if err != nil {
				return err
			}
			picture := viz.Grid(viz.Images{Pixels: pixels, Height: d.height, Width: d.width, Channels: d.channels}, 8)
			return viz.Save(filepath.Join(samples, fmt.Sprintf("epoch-%03d.png", epoch)), picture)
		}
		if _, err := vae.Train(cmd.Context(), t.TrainConfig, d.learn); err != nil {
			return err
		}
		metric, unit := "validation_loss", "nats a test image"
		if d.validation == nil {
			metric, unit = "loss", "nats an image of the last batch"
		}
		return command.Report(cmd, t.Options, metric, unit,
			fmt.Sprintf("genlab sample vae --run %s", command.Quote(t.Run)))
	}
	return cmd
}
