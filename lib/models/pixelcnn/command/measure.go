package command

import (
	"context"
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/models/pixelcnn"
	"genlab/lib/nn/pixels"
	"genlab/lib/train"
	"genlab/lib/train/pixelwise"
)

// Measured is a trained model as `sample` and `measure pixels` see it.
type Measured struct {
	*pixels.Painter
	Loss func(ctx context.Context, data train.Dataset) (float64, error)
}

// Measurable is how runs of a model are opened, by its name; a model adds its own.
var Measurable = map[string]func(run string) (Measured, error){
	"pixelcnn": open,
}

var open = Opener(pixelcnn.Open)

// Opener is how a model's runs are opened to be measured or to draw.
func Opener[C pixelwise.Config](open func(run string) (*pixelwise.Model[C], error)) func(run string) (Measured, error) {
	return func(run string) (Measured, error) {
		m, err := open(run)
		if err != nil {
			return Measured{}, err
		}
		return Measured{m.Painter, m.Loss}, nil
	}
}

// measuring is what `measure pixels` takes.
type measuring struct {
	Run string `flag:"run" help:"run of a PixelCNN or a PixelRNN"`
	Pictures
	Number int    `flag:"number" short:"n" help:"how many samples to look at"`
	Seed   uint64 `flag:"seed" help:"of the samples"`
}

func newMeasure() *cobra.Command {
	c := measuring{Run: pixelcnn.Recipe().Run, Pictures: Pictures{Batch: measured}, Number: 200, Seed: 1}
	cmd := &cobra.Command{
		Use:   "pixels",
		Short: "Measure a network that draws pixel by pixel: what pictures cost it, and how unlike its samples are",
		Long: `Measure a network that draws pixel by pixel. nats is the mean of what a test picture costs, bits that of each of its values;
diversity is the mean distance between two samples, as a part of that between two test pictures.`,
		Example: "  genlab measure pixels --run runs/pixelcnn",
		Args:    cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		m, err := c.open()
		if err != nil {
			return err
		}
		sets, err := c.Pictures.Open(ctx, m.Likelihood, m.Classes, m.Height, 1)
		if err != nil {
			return err
		}
		if sets.Validation == nil {
			return fmt.Errorf("--validation is empty: it must be a folder of pictures for a model of %d colours", m.Channels)
		}
		nats, err := m.Loss(ctx, sets.Validation)
		if err != nil {
			return err
		}
		values := float64(m.Height * m.Width * m.Channels)
		cmd.Printf("nats      %.2f a picture\nbits      %.4f a value\n", nats, nats/values/math.Ln2)
		diversity, err := c.diversity(ctx, m, sets.Validation)
		if err != nil {
			return err
		}
		cmd.Printf("diversity %.3f of the test pictures'\n", diversity)
		return nil
	}
	return cmd
}

// open reads the run by the model that it is of.
func (c measuring) open() (Measured, error) {
	id, err := train.ModelOf(c.Run)
	if err != nil {
		return Measured{}, err
	}
	open, ok := Measurable[id]
	if !ok {
		return Measured{}, fmt.Errorf("--run is a run of %s: it must be one of a network that draws pixel by pixel", id)
	}
	return open(c.Run)
}

// diversity compares the distances within samples with those within as many test pictures, each as levels.
func (c measuring) diversity(ctx context.Context, m Measured, data train.Dataset) (float64, error) {
	made, err := m.Sample(ctx, pixels.SampleConfig{Number: c.Number, Seed: c.Seed, Class: everyClass(m.Painter)})
	if err != nil {
		return 0, err
	}
	var real [][]float32
	for step := 0; len(real) < c.Number && step < data.Steps(); step++ {
		batch, err := data.Batch(0, step)
		if err != nil {
			return 0, err
		}
		rows, err := m.Posterize(ctx, batch[0], uint64(step))
		if err != nil {
			return 0, err
		}
		real = append(real, rows...)
	}
	return spread(made) / spread(real[:min(c.Number, len(real))]), nil
}

// spread is the mean distance between two pictures.
func spread(pictures [][]float32) float64 {
	var sum float64
	pairs := 0
	for i, a := range pictures {
		for _, b := range pictures[:i] {
			var square float64
			for k, v := range a {
				square += float64(v-b[k]) * float64(v-b[k])
			}
			sum += math.Sqrt(square)
			pairs++
		}
	}
	return sum / float64(max(pairs, 1))
}
