package command

import (
	"context"
	"fmt"
	"image"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/captions"
	"genlab/lib/data/scenes"
	"genlab/lib/models/dalle"
	"genlab/lib/viz"
)

// drawing is what `draw` takes.
type drawing struct {
	Run         string  `flag:"run" help:"the run's directory"`
	Out         string  `flag:"out" help:"picture to write, a PNG"`
	Number      int     `flag:"number" short:"n" help:"how many of each caption"`
	Seed        uint64  `flag:"seed" help:"the same seed gives the same pictures"`
	Temperature float64 `flag:"temperature" help:"1 draws from the model's own distribution, less draws likelier pictures"`
	Guidance    float64 `flag:"guidance" help:"1 leaves the model's distribution; more obeys the caption more and varies less"`
}

func newDraw() *cobra.Command {
	c := drawing{Run: dalle.Recipe().Run, Out: "out/dalle.png", Number: 16, Seed: 1, Temperature: 1, Guidance: 1}
	cmd := &cobra.Command{
		Use:   "draw CAPTION...",
		Short: "Draw pictures from captions, by a trained DALL-E",
		Long: `Draw pictures from captions, by a trained DALL-E: a row for each caption. Of captions of made scenes it also says how many pictures
show what the caption says.`,
		Example: `  genlab draw "a red circle left of a blue square" --number 16
  genlab draw "красный круг слева от синего квадрата" --guidance 2`,
		Args: cobra.MinimumNArgs(1),
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, texts []string) error {
		m, err := dalle.Open(c.Run)
		if err != nil {
			return err
		}
		if c.Number < 1 {
			return fmt.Errorf("--number is %d: it must be at least 1", c.Number)
		}
		drawn, err := draw(cmd.Context(), m, texts, c.Number, dalle.SampleConfig{Seed: c.Seed, Temperature: c.Temperature, Guidance: c.Guidance})
		if err != nil {
			return err
		}
		if err := viz.Save(c.Out, grid(m, drawn.Pictures, c.Number)); err != nil {
			return err
		}
		for i, text := range texts {
			if s, ok := scenes.Parse(text); ok && m.Config.Pictures.Size%32 == 0 {
				cmd.Printf("%d of %d show: %s\n", obeyed(m, s, drawn.Pictures[i*c.Number:(i+1)*c.Number]), c.Number, strings.TrimSpace(text))
			}
		}
		cmd.Printf("picture: %s\n", c.Out)
		return nil
	}
	return cmd
}

// draw gives n pictures of each text, one after the other.
func draw(ctx context.Context, m *dalle.Model, texts []string, n int, c dalle.SampleConfig) (dalle.Drawn, error) {
	tokens, err := captions.Vocabulary(m.Config.Words).EncodeAll(texts, m.Config.TextLength)
	if err != nil {
		return dalle.Drawn{}, err
	}
	var each [][]int32
	for _, t := range tokens {
		for range n {
			each = append(each, t)
		}
	}
	return m.Sample(ctx, each, c)
}

// grid lays pictures out, so many in a row.
func grid(m *dalle.Model, pictures [][]float32, columns int) image.Image {
	c := m.Config.Pictures
	return viz.Grid(viz.Images{Pixels: pictures, Height: c.Size, Width: c.Size, Channels: c.Channels}, columns)
}

// obeyed counts the pictures that show a scene.
func obeyed(m *dalle.Model, s scenes.Scene, pictures [][]float32) int {
	n := 0
	for _, p := range pictures {
		if s.Obeyed(p, m.Config.Pictures.Size) {
			n++
		}
	}
	return n
}
