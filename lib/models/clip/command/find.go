package command

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/captions"
	"genlab/lib/models/clip"
	pictures "genlab/lib/models/dalle/command"
	"genlab/lib/viz"
)

// finding is what `find` takes.
type finding struct {
	Run    string `flag:"run" help:"the run's directory"`
	Data   string `flag:"data" help:"where to look: as train clip's"`
	Among  int    `flag:"among" help:"scenes: how many fresh ones to look among"`
	Number int    `flag:"number" short:"n" help:"how many to show for each caption"`
	Seed   uint64 `flag:"seed" help:"the same seed makes the same scenes"`
	Out    string `flag:"out" help:"picture to write, a PNG"`
}

func newFind() *cobra.Command {
	c := finding{Run: clip.Recipe().Run, Data: "scenes", Among: 500, Number: 12, Seed: 1, Out: "out/found.png"}
	cmd := &cobra.Command{
		Use:     "find CAPTION...",
		Short:   "Find pictures by captions, by a trained CLIP",
		Long:    "Find pictures by captions, by a trained CLIP: a row for each caption, the best first.",
		Example: `  genlab find "two red stars" "белый круг внутри синего квадрата"`,
		Args:    cobra.MinimumNArgs(1),
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, texts []string) error {
		found, size, err := c.find(cmd.Context(), texts)
		if err != nil {
			return err
		}
		if err := viz.Save(c.Out, viz.Grid(viz.Images{Pixels: found, Height: size, Width: size, Channels: 3}, c.Number)); err != nil {
			return err
		}
		cmd.Printf("picture: %s\n", c.Out)
		return nil
	}
	return cmd
}

// find gives the best pictures for each text, one after the other.
func (c finding) find(ctx context.Context, texts []string) (found [][]float32, size int, err error) {
	if c.Among < 1 || c.Number < 1 || c.Number > c.Among {
		return nil, 0, fmt.Errorf("--among is %d and --number %d: they must be at least 1, the latter at most the former", c.Among, c.Number)
	}
	m, err := clip.Open(c.Run)
	if err != nil {
		return nil, 0, err
	}
	tokens, err := captions.Vocabulary(m.Config.Words).EncodeAll(texts, m.Config.TextLength-1)
	if err != nil {
		return nil, 0, err
	}
	sets, err := pictures.Data{Data: c.Data, Batch: c.Among, Steps: 1}.Open(m.Config.ImageSize, true, c.Seed)
	if err != nil {
		return nil, 0, err
	}
	batch, err := sets.Training.Batch(0, 0)
	if err != nil {
		return nil, 0, err
	}
	all, err := rowsOf(batch[1])
	if err != nil {
		return nil, 0, err
	}
	similar, err := m.Similarities(ctx, all, tokens)
	if err != nil {
		return nil, 0, err
	}
	for text := range texts {
		column := make([]float32, len(all))
		for i, row := range similar {
			column[i] = row[text]
		}
		for _, i := range clip.Rank(column)[:c.Number] {
			found = append(found, all[i])
		}
	}
	return found, m.Config.ImageSize, nil
}

// rowsOf gives the pictures of a batch, [batch, height, width, channels], each a row of values.
func rowsOf(batch *tensors.Tensor) ([][]float32, error) {
	flat, err := tensors.CopyFlatData[float32](batch)
	if err != nil {
		return nil, err
	}
	n := batch.Shape().Dim(0)
	list := make([][]float32, n)
	for i := range list {
		list[i] = flat[i*len(flat)/n : (i+1)*len(flat)/n]
	}
	return list, nil
}
