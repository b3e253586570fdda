package command

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/text"
	"genlab/lib/metrics"
	"genlab/lib/models/gpt"
	"genlab/lib/train"
)

// scaling is what `measure scale` takes.
type scaling struct {
	Models []string `flag:"models" help:"sizes to train, each layers x width"`
	Steps  []int    `flag:"steps" help:"steps of each training; each size is trained with each"`
	Beyond string   `flag:"beyond" help:"a larger size that tests what the law says, trained twice as long as the longest; empty for none"`
	Text   string   `flag:"text" help:"UTF-8 text file, or a folder of them (default Newton's Opticks, which comes with Go)"`
	Batch  int      `flag:"batch" help:"texts a step"`
	Seed   uint64   `flag:"seed" help:"seed of weights and order"`
	Run    string   `flag:"run" help:"folder of the trainings, each a run; those that stand are taken"`

	text *text.Corpus
}

func newScale() *cobra.Command {
	c := scaling{
		Models: []string{"1x32", "2x32", "2x64", "4x64", "4x96", "4x128"}, Steps: []int{200, 400, 800, 1600}, Beyond: "4x192",
		Batch: 12, Seed: 1, Run: "runs/scale",
	}
	cmd := &cobra.Command{
		Use:   "scale",
		Short: "Train GPTs of several sizes on several amounts of text, fit the scaling law and test it on a larger one",
		Long: `Train GPTs of several sizes on several amounts of text and fit what Hoffmann et al. ("Training compute-optimal large language models", 2022,
section 3.3) assume of their losses, L = E + A/N^alpha + B/D^beta: N parameters without embeddings (Kaplan et al., "Scaling laws for neural language
models", 2020, section 2.1), D tokens shown. Intervals are of 95 %, by bootstrap over the trainings. Then a model is trained that is larger, and
longer than all of them, and its loss compared with what the law says. Trainings that stand in --run are taken from there, an unfinished one goes on.`,
		Example: `  genlab measure scale                                  # 24 trainings and the one that tests: about half an hour on two cores
  genlab measure scale --models 1x32,2x64 --steps 100,200,400 --run runs/scale-small`,
		Args: cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.measure(cmd) }
	return cmd
}

func (c scaling) measure(cmd *cobra.Command) error {
	ctx, path := cmd.Context(), c.Text
	var err error
	if path == "" {
		if path, err = text.Opticks(ctx); err != nil {
			return err
		}
	}
	if c.text, err = text.Load(path, 0.9); err != nil {
		return err
	}
	if len(c.Steps) == 0 || slices.Min(c.Steps) < 1 {
		return fmt.Errorf("--steps is %v: it must be numbers of steps, each at least 1", c.Steps)
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "MODEL\tPARAMETERS\tTOKENS\tCOMPUTE\tLOSS\n")
	var points []metrics.Scaled
	for _, size := range c.Models {
		for _, steps := range c.Steps {
			p, err := c.train(ctx, size, steps)
			if err != nil {
				return fmt.Errorf("%s, %d steps: %w", size, steps, err)
			}
			cmd.PrintErrf("%s, %d steps: %.4f\n", size, steps, p.Loss)
			fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.3g\t%.4f\n", size, p.Parameters, p.Tokens, p.Compute(), p.Loss)
			points = append(points, p)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	law, err := c.fit(cmd, points)
	if err != nil || c.Beyond == "" {
		return err
	}
	p, err := c.train(ctx, c.Beyond, 2*slices.Max(c.Steps))
	if err != nil {
		return fmt.Errorf("%s: %w", c.Beyond, err)
	}
	said := law.Loss(p.Parameters, p.Tokens)
	cmd.Printf("%s, %.0f parameters, %.0f tokens: the law says %.4f, the training %.4f, %+.1f %%\n", c.Beyond, p.Parameters, p.Tokens, said, p.Loss,
		100*(p.Loss/said-1))
	return nil
}

// draws are the bootstrap's: enough for the ends of a 95 % interval to stand still to two digits.
const draws = 200

// fit prints the law, with intervals.
func (c scaling) fit(cmd *cobra.Command, points []metrics.Scaled) (metrics.ScalingLaw, error) {
	law, err := metrics.FitScaling(points)
	if err != nil {
		return law, err
	}
	laws, err := metrics.ScalingBootstrap(points, draws, c.Seed)
	if err != nil {
		return law, err
	}
	for _, of := range []struct {
		name  string
		value func(metrics.ScalingLaw) float64
	}{
		{"E", func(l metrics.ScalingLaw) float64 { return l.E }}, {"A", func(l metrics.ScalingLaw) float64 { return l.A }},
		{"alpha", func(l metrics.ScalingLaw) float64 { return l.Alpha }}, {"B", func(l metrics.ScalingLaw) float64 { return l.B }},
		{"beta", func(l metrics.ScalingLaw) float64 { return l.Beta }},
	} {
		drawn := make([]float64, len(laws))
		for i, l := range laws {
			drawn[i] = of.value(l)
		}
		slices.Sort(drawn)
		cmd.Printf("%-5s  %.4g (%.4g to %.4g)\n", of.name, of.value(law), drawn[len(drawn)*25/1000], drawn[len(drawn)*975/1000])
	}
	return law, nil
}

// train trains one size and measures it on the validation part.
func (c scaling) train(ctx context.Context, size string, steps int) (metrics.Scaled, error) {
	var layers, embed int
	if _, err := fmt.Sscanf(size, "%dx%d", &layers, &embed); err != nil || fmt.Sprintf("%dx%d", layers, embed) != size {
		return metrics.Scaled{}, fmt.Errorf("--models has %q: it must be layers x width, such as 4x128", size)
	}
	const head = 32 // values of each head
	cfg := gpt.Recipe()
	cfg.Model = gpt.Default(c.text.Vocab.Len())
	cfg.Model.Layers, cfg.Model.Embed, cfg.Model.Heads = layers, embed, max(1, embed/head)
	n := float64(layers * 12 * embed * embed)
	cfg.Rate = 0.003239 - 0.0001395*math.Log(n) // Kaplan et al., equation D.1: the larger, the slower
	cfg.MinRate, cfg.WarmUp, cfg.Seed = cfg.Rate/10, steps/10, c.Seed
	cfg.Options = train.Options{Run: filepath.Join(c.Run, fmt.Sprintf("%s-%d-%d", size, steps, c.Seed)), Epochs: 1, Watch: func(train.Progress) {}}
	windows, err := text.NewWindows(c.text.Train, text.BatchConfig{Size: c.Batch, Length: cfg.Model.Context, Seed: c.Seed, Steps: steps})
	if err != nil {
		return metrics.Scaled{}, err
	}
	cfg.Validation, err = text.NewWindows(c.text.Validation, text.BatchConfig{Size: c.Batch, Length: cfg.Model.Context, Seed: 1, Steps: 200})
	if err != nil {
		return metrics.Scaled{}, fmt.Errorf("the validation part: %w", err)
	}
	m, err := gpt.Train(ctx, cfg, windows)
	if err != nil {
		return metrics.Scaled{}, err
	}
	records, err := train.ReadMetrics(cfg.Run)
	if err != nil {
		return metrics.Scaled{}, err
	}
	_, losses := train.Series(records, "validation_loss")
	if len(losses) == 0 {
		return metrics.Scaled{}, fmt.Errorf("%s has no validation_loss: remove it, and it is trained anew", cfg.Run)
	}
	embeddings := embed * (cfg.Model.VocabSize + cfg.Model.Context)
	return metrics.Scaled{
		Parameters: float64(m.Parameters() - embeddings), Tokens: float64(steps * c.Batch * cfg.Model.Context), Loss: losses[len(losses)-1],
	}, nil
}
