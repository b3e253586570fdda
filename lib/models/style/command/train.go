package command

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/identity"
	"genlab/lib/data/images"
	"genlab/lib/models/style"
)

// Pieces are what both trainings here learn from.
type Pieces struct {
	Data  string `json:"data" help:"folder of photographs to learn from (default those of genlab data photos)"`
	Crop  int    `json:"crop" help:"height and width of a piece of a photograph, a multiple of 8"`
	Batch int    `json:"batch" help:"pieces a step"`
	Steps int    `json:"steps" help:"steps an epoch"`
	File  string `flag:"vgg" json:"vgg_file" help:"a VGG's weights: torchvision's vgg16 or vgg19, or Keras's .weights.h5 (default that of genlab data vgg16)"`
}

// crops are pieces of a folder's photographs, or of fetched ones.
func (p Pieces) crops(folder string, fetched []string, seed uint64) (*images.Crops, error) {
	if p.Crop < 8 || p.Crop%8 != 0 {
		return nil, fmt.Errorf("--crop is %d: it must be a multiple of 8", p.Crop)
	}
	list, err := photos(folder, fetched, p.Crop)
	if err != nil {
		return nil, err
	}
	return images.NewCrops(list, images.CropConfig{Size: p.Crop, Batch: p.Batch, Steps: p.Steps, Seed: seed})
}

// training is what `train style` takes.
type training struct {
	style.TrainConfig
	Pieces
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: style.Recipe(), Pieces: Pieces{Crop: 96, Batch: 1, Steps: 500}}
	cmd := &cobra.Command{
		Use:   "style STYLE",
		Short: "Train a network to paint in the style of one picture, in one pass",
		Long: `Train Johnson et al.'s network to paint in the style of a picture: genlab style CONTENT --method fast --run then paints in a moment.
It learns from pieces of photographs, through a VGG, whose weights "genlab data vgg16" fetches.`,
		Example: `  genlab data vgg16 photos
  genlab train style painting.jpg --run runs/painting
  genlab style cat.jpg --method fast --run runs/painting`,
		Args: cobra.ExactArgs(1),
	}
	configure := command.Configure(cmd, &t, &t.Model, style.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := configure(); err != nil {
			return err
		}
		if err := t.run(cmd.Context(), args[0]); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "loss", "of the last batch", fmt.Sprintf("genlab style CONTENT --method fast --run %s", command.Quote(t.Run)))
	}
	return cmd
}

func (t *training) run(ctx context.Context, path string) error {
	photo, err := images.ReadPhoto(path, 2*t.Crop)
	if err != nil {
		return err
	}
	file, err := vggFile(t.File)
	if err != nil {
		return err
	}
	crops, err := t.crops(t.Data, scenes, t.Seed)
	if err != nil {
		return err
	}
	list, err := photos("", scenes[1:2], 1)
	if err != nil {
		list = []images.Photo{photo} // no cat was fetched
	}
	t.AfterEpoch = func(m *style.Model, epoch int, samples string) error {
		made, err := m.Paint(ctx, style.Picture(list[0]))
		if err != nil {
			return err
		}
		return save(filepath.Join(samples, fmt.Sprintf("epoch-%03d.png", epoch)), made)
	}
	_, err = style.Train(ctx, t.TrainConfig, file, &inStyle{crops, photo})
	return err
}

// inStyle gives the style's picture with each batch.
type inStyle struct {
	*images.Crops
	style images.Photo
}

// Batch gives pieces, and the style.
func (d *inStyle) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	batch, err := d.Crops.Batch(epoch, step)
	return append(batch, tensors.FromFlatDataAndDimensions(d.style.Pixels, 1, d.style.Height, d.style.Width, 3)), err
}

// Identity says what the data is, for the run that trains on it.
func (d *inStyle) Identity() (map[string]any, error) {
	is, err := d.Crops.Identity()
	if err == nil {
		is["style"] = identity.NewDigest().Text(d.style.Height, d.style.Width, d.style.Pixels).String()
	}
	return is, err
}

// learning is what `train adain` takes.
type learning struct {
	style.ArbitraryConfig
	Pieces
	Styles string `json:"styles" help:"folder of pictures whose styles are learned from (default all of genlab data photos)"`
}

func newTrainAdaIN() *cobra.Command {
	t := learning{ArbitraryConfig: style.ArbitraryRecipe(), Pieces: Pieces{Crop: 96, Batch: 4, Steps: 250}}
	cmd := &cobra.Command{
		Use:   "adain",
		Short: "Train a decoder that paints in any style, in one pass",
		Long: `Train the decoder of Huang & Belongie's network: genlab style CONTENT STYLE --method adain then paints in any style in a moment.
It learns from pieces of photographs and of styles, through a VGG, whose weights "genlab data vgg16" fetches.`,
		Example: `  genlab data vgg16 photos
  genlab train adain --data ~/photos --styles ~/paintings --run runs/adain
  genlab style cat.jpg painting.jpg --method adain --run runs/adain --strength 0.7`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.VGG, nil)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		file, err := vggFile(t.File)
		if err != nil {
			return err
		}
		contents, err := t.crops(t.Data, append(scenes, textures...), t.Seed)
		if err != nil {
			return err
		}
		styles, err := t.crops(t.Styles, append(scenes, textures...), t.Seed+1)
		if err != nil {
			return err
		}
		if _, err := style.TrainArbitrary(cmd.Context(), t.ArbitraryConfig, file, &both{contents, styles}); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "loss", "of the last batch",
			fmt.Sprintf("genlab style CONTENT STYLE --method adain --run %s", command.Quote(t.Run)))
	}
	return cmd
}

// both gives contents and styles.
type both struct{ contents, styles *images.Crops }

// Steps is the number of batches an epoch.
func (d *both) Steps() int { return d.contents.Steps() }

// Batch gives pieces of contents, and of styles.
func (d *both) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	contents, err := d.contents.Batch(epoch, step)
	if err != nil {
		return nil, err
	}
	styles, err := d.styles.Batch(epoch, step)
	return append(contents, styles...), err
}

// Identity says what the data is, for the run that trains on it.
func (d *both) Identity() (map[string]any, error) {
	is, err := d.contents.Identity()
	if err != nil {
		return nil, err
	}
	styles, err := d.styles.Identity()
	is["styles"] = styles["digest"]
	return is, err
}
