package command

import (
	"context"
	"fmt"
	"image"
	"math"
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
	Choosing
	Complete string  `flag:"complete" help:"picture to complete, PNG or JPEG: its upper part is kept"`
	Keep     float64 `flag:"keep" help:"with --complete: the share of the rows that is kept"`
}

func newDraw() *cobra.Command {
	c := drawing{Run: dalle.Recipe().Run, Out: "out/dalle.png", Number: 16, Seed: 1, Temperature: 1, Guidance: 1, Choosing: Choosing{BestOf: 1}, Keep: 0.5}
	cmd := &cobra.Command{
		Use:   "draw CAPTION...",
		Short: "Draw pictures from captions, by a trained DALL-E",
		Long: `Draw pictures from captions, by a trained DALL-E: a row for each caption. Of captions of made scenes it also says how many pictures
show what the caption says.`,
		Example: `  genlab draw "a red circle left of a blue square" --number 16
  genlab draw "красный круг слева от синего квадрата" --guidance 2
  genlab draw "a red circle" --clip runs/clip --best-of 8   # 16 of 128, those that fit best
  genlab draw "three white rings" --complete half.png       # 16 lower halves`,
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
		pictures, err := c.draw(cmd.Context(), m, texts)
		if err != nil {
			return err
		}
		if err := viz.Save(c.Out, grid(m, pictures, c.Number)); err != nil {
			return err
		}
		for i, text := range texts {
			if s, ok := scenes.Parse(text); ok && m.Config.Pictures.Size%32 == 0 {
				cmd.Printf("%d of %d show: %s\n", obeyed(m, s, pictures[i*c.Number:(i+1)*c.Number]), c.Number, strings.TrimSpace(text))
			}
		}
		cmd.Printf("picture: %s\n", c.Out)
		return nil
	}
	return cmd
}

// draw gives c.Number pictures of each text, one after the other.
func (c drawing) draw(ctx context.Context, m *dalle.Model, texts []string) ([][]float32, error) {
	s := dalle.SampleConfig{Seed: c.Seed, Temperature: c.Temperature, Guidance: c.Guidance}
	if !(c.Keep >= 0 && c.Keep <= 1) {
		return nil, fmt.Errorf("--keep is %g: it must be 0 to 1", c.Keep)
	}
	if c.Complete != "" {
		picture, err := read(c.Complete, m.Config.Pictures)
		if err != nil {
			return nil, fmt.Errorf("--complete: %w", err)
		}
		codes, err := m.Encode(ctx, [][]float32{picture})
		if err != nil {
			return nil, err
		}
		side := int(math.Sqrt(float64(len(codes[0])))) // a row of codes is kept or drawn as a whole
		s.Given, s.Known = codes[0], int(c.Keep*float64(side)+0.5)*side
	}
	best, err := c.open()
	if err != nil {
		return nil, err
	}
	drawn, err := draw(ctx, m, texts, c.Number*c.BestOf, s)
	if err != nil || c.BestOf == 1 {
		return drawn.Pictures, err
	}
	var all [][]float32
	for i, text := range texts {
		some := drawn.Pictures[i*c.Number*c.BestOf : (i+1)*c.Number*c.BestOf]
		places, err := best.rank(ctx, some, text)
		if err != nil {
			return nil, err
		}
		for _, at := range places[:c.Number] {
			all = append(all, some[at])
		}
	}
	return all, nil
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
