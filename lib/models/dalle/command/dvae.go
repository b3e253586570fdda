package command

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/models/dalle"
	"genlab/lib/train"
	"genlab/lib/viz"
)

// dvaeTraining is what `train dvae` takes: the model's own choices, and the pictures.
type dvaeTraining struct {
	dalle.DVAETraining
	Data
}

func newTrainDVAE() *cobra.Command {
	t := dvaeTraining{DVAETraining: dalle.DVAERecipe(), Data: Data{Data: "scenes", Batch: 32, Steps: 500}}
	cmd := &cobra.Command{
		Use:   "dvae",
		Short: "Train what turns pictures to codes and back, DALL-E's first stage",
		Long: `Train what turns pictures to codes and back, DALL-E's first stage: a VQ-VAE, which learns in minutes, or the paper's dVAE. An unfinished
run in the same directory is gone on with. After each epoch samples/ has pictures above what their codes decode to.`,
		Example: `  genlab train dvae                                            # a VQ-VAE in runs/dvae
  genlab train dvae --preset gumbel --run runs/dvae-gumbel     # the paper's`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, dalle.DVAESpec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		sets, err := t.Data.Open(t.Model.Size, false, t.Seed)
		if err != nil {
			return err
		}
		t.DVAETraining.Validation = sets.Validation
		shown := sets.Validation
		if shown == nil { // a folder so small that nothing is held out
			shown = sets.Training
		}
		t.AfterEpoch = func(ctx context.Context, p *dalle.Pictures, epoch int, samples string) error {
			return saveDecoded(ctx, p, shown, filepath.Join(samples, fmt.Sprintf("epoch-%03d.png", epoch)))
		}
		if _, err := dalle.TrainDVAE(cmd.Context(), t.DVAETraining, sets.Training); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "psnr", "dB between held-out pictures and what their codes decode to",
			fmt.Sprintf("genlab train dalle --dvae %s", command.Quote(t.Run)))
	}
	return cmd
}

// saveDecoded writes rows of pictures, each above a row of what their codes decode to.
func saveDecoded(ctx context.Context, p *dalle.Pictures, data train.Dataset, path string) error {
	const columns, rows = 16, 3
	batch, err := data.Batch(0, 0)
	if err != nil {
		return err
	}
	pictures, err := rowsOf(batch[len(batch)-1], columns*rows)
	if err != nil {
		return err
	}
	codes, err := p.Encode(ctx, pictures)
	if err != nil {
		return err
	}
	decoded, err := p.Decode(ctx, codes)
	if err != nil {
		return err
	}
	var all [][]float32
	for from := 0; from < len(pictures); from += columns {
		to := min(from+columns, len(pictures))
		all = append(append(all, pictures[from:to]...), decoded[from:to]...)
	}
	c := p.Config
	return viz.Save(path, viz.Grid(viz.Images{Pixels: all, Height: c.Size, Width: c.Size, Channels: c.Channels}, columns))
}

// rowsOf gives the first pictures of a batch, [batch, height, width, channels], each a row of values.
func rowsOf(batch *tensors.Tensor, most int) ([][]float32, error) {
	flat, err := tensors.CopyFlatData[float32](batch)
	if err != nil {
		return nil, err
	}
	n := batch.Shape().Dim(0)
	each := len(flat) / n
	var list [][]float32
	for i := range min(n, most) {
		list = append(list, flat[i*each:(i+1)*each])
	}
	return list, nil
}
