package command

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/images"
	"genlab/lib/models/style"
	"genlab/lib/viz"
)

// painting is what `style` takes.
type painting struct {
	style.Gatys
	Method string    `flag:"method" help:"gatys, by optimisation; fast, by a network that learned one style; or adain, by one that takes any"`
	Out    string    `flag:"out" help:"picture to write, a PNG; it is there, unfinished, from the first steps on"`
	VGG    string    `flag:"vgg" help:"a VGG's weights: torchvision's vgg16 or vgg19, or Keras's .weights.h5 (default that of genlab data vgg16)"`
	Blend  []float64 `flag:"blend" help:"weights of several styles, one each (default even ones)"`
	// Of the other methods:
	Run      string  `flag:"run" help:"fast, adain: the run of genlab train style or adain"`
	Weights  string  `flag:"weights" help:"fast: a file of PyTorch's example in place of a run, such as mosaic.pth"`
	Strength float64 `flag:"strength" help:"adain: how much of the style is taken, 0 to 1"`
}

func newStyle() *cobra.Command {
	c := painting{Gatys: style.DefaultGatys(), Method: "gatys", Out: "out/style.png", Strength: 1}
	cmd := &cobra.Command{
		Use:   "style CONTENT [STYLE...]",
		Short: "Paint a picture in the style of others",
		Long: `Paint a picture with the content of one and the style of others: by Gatys et al.'s optimisation over the picture, which DeepArt does too
and which takes minutes; or in a moment by a network that was trained before, for one style (fast: genlab train style) or for any (adain:
genlab train adain). Pictures are JPEG, PNG, GIF, WebP, BMP, TIFF or PPM files; transparent parts become white. It looks through a VGG, whose weights
"genlab data vgg16" fetches. Memory grows with the pixels: about 0.8 GB for 384×256, four times that for twice the size.`,
		Example: `  genlab data vgg16 photos
  genlab style cat.jpg painting.jpg --out out/cat.png
  genlab style cat.jpg one.jpg other.jpg --blend 2,1 --keep-colour --size 512
  genlab style cat.jpg --method fast --run runs/painting
  genlab style cat.jpg painting.jpg --method adain --run runs/adain --strength 0.7`,
		Args: cobra.MinimumNArgs(1),
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		content, styles := args[0], args[1:]
		wanted, ok := map[string]int{"gatys": -1, "fast": 0, "adain": 1}[c.Method]
		switch {
		case !ok:
			return fmt.Errorf("--method is %q: it must be gatys, fast or adain", c.Method)
		case wanted >= 0 && len(styles) != wanted || len(styles) < -wanted:
			return fmt.Errorf("--method %s was given %d styles: it must be %s", c.Method, len(styles), map[int]string{-1: "one at least", 0: "none", 1: "one"}[wanted])
		}
		switch c.Method {
		case "fast":
			return c.fast(cmd, content)
		case "adain":
			return c.adain(cmd, content, styles[0])
		}
		return c.gatys(cmd, content, styles)
	}
	return cmd
}

// read reads the content and the styles. None needs more pixels than it is painted at.
func (c *painting) read(content string, styles []string) (style.Picture, []style.Style, error) {
	if len(c.Blend) > 0 && len(c.Blend) != len(styles) {
		return style.Picture{}, nil, fmt.Errorf("--blend is %v: it must have one weight for each of %d styles", c.Blend, len(styles))
	}
	photo, err := images.ReadPhoto(content, max(c.Size, 1))
	if err != nil {
		return style.Picture{}, nil, err
	}
	var list []style.Style
	for i, path := range styles {
		p, err := images.ReadPhoto(path, max(c.Size, c.StyleSize, 1))
		if err != nil {
			return style.Picture{}, nil, err
		}
		s := style.Style{Picture: style.Picture(p)}
		if len(c.Blend) > 0 {
			s.Weight = c.Blend[i]
		}
		list = append(list, s)
	}
	return style.Picture(photo), list, nil
}

func (c *painting) gatys(cmd *cobra.Command, content string, styles []string) error {
	picture, list, err := c.read(content, styles)
	if err != nil {
		return err
	}
	file, err := vggFile(c.VGG)
	if err != nil {
		return err
	}
	painter, err := style.OpenPainter(file)
	if err != nil {
		return err
	}
	var shown time.Time
	c.Watch = func(p style.Progress) error {
		if p.Step < p.Steps && time.Since(shown) < 2*time.Second {
			return nil
		}
		shown = time.Now()
		cmd.PrintErrf("%dx%d, step %d of %d: loss %.4g (content %.4g, style %.4g, variation %.4g)\n",
			p.Picture.Width, p.Picture.Height, p.Step, p.Steps, p.Sum, p.Content, p.Style, p.TV)
		return save(c.Out, p.Picture)
	}
	return c.timed(cmd, func(ctx context.Context) (style.Picture, error) { return painter.Gatys(ctx, picture, list, c.Gatys) })
}

func (c *painting) fast(cmd *cobra.Command, content string) error {
	picture, _, err := c.read(content, nil)
	if err != nil {
		return err
	}
	var m *style.Model
	if c.Weights != "" {
		m, err = style.OpenPublished(c.Weights)
	} else {
		m, err = style.Open(cmp.Or(c.Run, style.Recipe().Run))
	}
	if err != nil {
		return err
	}
	return c.timed(cmd, func(ctx context.Context) (style.Picture, error) { return m.Paint(ctx, picture) })
}

func (c *painting) adain(cmd *cobra.Command, content, manner string) error {
	picture, styles, err := c.read(content, []string{manner})
	if err != nil {
		return err
	}
	m, err := style.OpenArbitrary(cmp.Or(c.Run, style.ArbitraryRecipe().Run))
	if err != nil {
		return err
	}
	return c.timed(cmd, func(ctx context.Context) (style.Picture, error) {
		return m.Paint(ctx, picture, styles[0].Picture, c.Strength)
	})
}

// timed paints, saves, and says how long the painting took.
func (c *painting) timed(cmd *cobra.Command, paint func(context.Context) (style.Picture, error)) error {
	began := time.Now()
	made, err := paint(cmd.Context())
	if err != nil {
		return err
	}
	took := time.Since(began)
	if err := save(c.Out, made); err != nil {
		return err
	}
	cmd.Printf("picture: %s, %dx%d, in %.1f s\n", c.Out, made.Width, made.Height, took.Seconds())
	return nil
}

func save(path string, p style.Picture) error {
	return viz.Save(path, viz.Plain(viz.Images{Pixels: [][]float32{p.Pixels}, Height: p.Height, Width: p.Width, Channels: 3}))
}
