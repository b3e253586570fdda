package command

import (
	"context"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // pictures to complete
	_ "image/png"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/nn/pixels"
	"genlab/lib/viz"
)

// sampling is what `sample MODEL` takes.
type sampling struct {
	Run         string  `flag:"run" help:"the run's directory"`
	Out         string  `flag:"out" help:"picture to write, a PNG"`
	Number      int     `flag:"number" short:"n" help:"how many"`
	Seed        uint64  `flag:"seed" help:"the same seed gives the same samples"`
	Temperature float64 `flag:"temperature" help:"1 draws from the model's own distribution, less draws likelier pictures"`
	Class       int     `flag:"class" help:"class of all, if the model was told classes; -1 goes round all of them"`
	Complete    string  `flag:"complete" help:"picture to complete, PNG or JPEG: its first rows are kept"`
	Keep        float64 `flag:"keep" help:"with --complete: the share of the rows that is kept"`
}

// NewSample makes the verb of a model, given its name and what opens its runs.
func NewSample(name, run string, open func(run string) (Measured, error)) func() *cobra.Command {
	return func() *cobra.Command {
		c := sampling{Run: run, Out: fmt.Sprintf("out/%s.png", name), Number: 64, Seed: 1, Temperature: 1, Class: -1, Keep: 0.5}
		cmd := &cobra.Command{
			Use:   name,
			Short: "Draw pictures, or complete one, pixel by pixel",
			Example: strings.ReplaceAll(`  genlab sample NAME -n 64 --out digits.png
  genlab sample NAME --class 7                     # of a model trained with classes
  genlab sample NAME --complete half.png           # 64 lower halves`, "NAME", name),
			Args: cobra.NoArgs,
		}
		command.Flags(cmd, &c)
		cmd.RunE = func(cmd *cobra.Command, _ []string) error {
			m, err := open(c.Run)
			if err != nil {
				return err
			}
			p := m.Painter
			drawn, err := c.draw(cmd.Context(), p, cmd.Flags().Changed("class"))
			if err != nil {
				return err
			}
			if err := viz.Save(c.Out, viz.Grid(imagesOf(p, drawn), 8)); err != nil {
				return err
			}
			cmd.Printf("picture: %s\n", c.Out)
			return nil
		}
		return cmd
	}
}

func (c sampling) draw(ctx context.Context, p *pixels.Painter, class bool) ([][]float32, error) {
	s := pixels.SampleConfig{Number: c.Number, Seed: c.Seed, Temperature: c.Temperature, Class: c.Class}
	if !class {
		s.Class = everyClass(p)
	}
	if !(c.Temperature > 0) {
		return nil, fmt.Errorf("--temperature is %g: it must be positive", c.Temperature)
	}
	if c.Complete == "" {
		return p.Sample(ctx, s)
	}
	if !(c.Keep >= 0 && c.Keep <= 1) {
		return nil, fmt.Errorf("--keep is %g: it must be 0 to 1", c.Keep)
	}
	picture, err := read(c.Complete, p)
	if err != nil {
		return nil, fmt.Errorf("--complete: %w", err)
	}
	return p.Complete(ctx, picture, int(c.Keep*float64(p.Height)+0.5)*p.Width, s)
}

// read gives a picture as a model has them: of its size, each value the nearest level.
func read(path string, p *pixels.Painter) ([]float32, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	img, _, err := image.Decode(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	b := img.Bounds()
	if b.Dx() != p.Width || b.Dy() != p.Height {
		return nil, fmt.Errorf("%s is %dx%d: it must be %dx%d, as the model's pictures", path, b.Dx(), b.Dy(), p.Width, p.Height)
	}
	var values []float32
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if p.Channels == 1 {
				values = append(values, float32(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)/255)
				continue
			}
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			values = append(values, float32(c.R)/255, float32(c.G)/255, float32(c.B)/255)
		}
	}
	return p.Nearest(values), nil
}
