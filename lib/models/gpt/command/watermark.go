package command

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/stat/distuv"

	"genlab/lib/command"
	"genlab/lib/data/tokens"
	"genlab/lib/models/gpt"
	"genlab/lib/nn"
)

// Marking is how a watermark is asked for.
type Marking struct {
	Key   string  `flag:"watermark" help:"leave a trace that who has this key, any text, can find: genlab measure watermark"`
	Share float64 `flag:"watermark-share" help:"of the vocabulary that the key favours after each token"`
	Bias  float64 `flag:"watermark-bias" help:"what is added to the logits of these; more is found sooner and reads worse"`
}

func newMarking() Marking { return Marking{Share: 0.5, Bias: 2} }

// mark is the watermark, or none without a key.
func (m Marking) mark() nn.Watermark {
	if m.Key == "" {
		return nn.Watermark{}
	}
	sum := sha256.Sum256([]byte(m.Key))
	return nn.Watermark{Key: binary.BigEndian.Uint64(sum[:]), Share: m.Share, Bias: m.Bias}
}

// finding is what `measure watermark` takes.
type finding struct {
	Run        string `flag:"run" help:"the run's directory"`
	Pretrained string `flag:"pretrained" help:"a folder with GPT-2 as Hugging Face publishes it, instead of a run"`
	Text       string `flag:"text" help:"a text file to look for the watermark in; without, the run's own samples are, and a text that nobody marked"`
	Unmarked   string `flag:"unmarked" help:"UTF-8 text file that raises false alarms (default Newton's Opticks, which comes with Go)"`
	Marking
	Lengths     []int   `flag:"lengths" help:"tokens of the texts"`
	Number      int     `flag:"number" short:"n" help:"samples of the model at each length"`
	Keys        int     `flag:"keys" help:"keys that look for themselves in stretches of the unmarked text, at each length"`
	Threshold   float64 `flag:"threshold" help:"standard deviations from which on a text is told as made"`
	Temperature float64 `flag:"temperature" help:"of the samples"`
	Seed        uint64  `flag:"seed" help:"of samples, keys and stretches"`
}

func newWatermark() *cobra.Command {
	c := finding{
		Run: gpt.Recipe().Run, Marking: newMarking(), Lengths: []int{25, 50, 100, 200, 400}, Number: 64, Keys: 20000, Threshold: 4, Temperature: 0.8, Seed: 1,
	}
	cmd := &cobra.Command{
		Use:   "watermark",
		Short: "Look for a GPT's watermark in a text, or measure how often it is found and falsely found over length",
		Long: `Look for the watermark that genlab sample gpt --watermark leaves (Kirchenbauer et al., "A watermark for large language models", 2023): how many
distinct pairs of tokens are green, and how many standard deviations above chance that is.

Without --text it is measured at each length: FOUND is the part of the model's marked samples that reach --threshold; FALSE the part of random keys
that find themselves in a random stretch of a text that knows of none; CHANCE what the binomial distribution says of the latter, and NORMAL what z does;
EACH TIME is FALSE where pairs that come again are counted again.`,
		Example: `  genlab measure watermark --watermark "a secret" --text made.txt
  genlab measure watermark --threshold 3`,
		Args: cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		m, tok, err := openModel(c.Run, c.Pretrained)
		if err != nil {
			return err
		}
		if c.Text == "" {
			return c.rates(cmd, m, tok)
		}
		if c.Key == "" {
			return fmt.Errorf("--watermark is empty: it must be the key that the text was made with")
		}
		text, err := tokens.ReadText(c.Text)
		if err != nil {
			return err
		}
		ids, err := tok.Encode(text)
		if err != nil {
			return fmt.Errorf("--text: %w", err)
		}
		t, err := c.mark().Find(ids)
		if err != nil {
			return err
		}
		cmd.Printf("%d of %d distinct pairs are green, of %.0f by chance\nz %.2f, p %.2g\n", t.Green, t.Scored, c.Share*float64(t.Scored), t.Z, t.P)
		return nil
	}
	return cmd
}

// rates measures at each length.
func (c finding) rates(cmd *cobra.Command, m *gpt.Model, tok tokens.Tokenizer) error {
	if c.Number < 1 || c.Keys < 1 {
		return fmt.Errorf("--number is %d and --keys %d: they must be at least 1", c.Number, c.Keys)
	}
	path, err := textOr(cmd.Context(), c.Unmarked)
	if err != nil {
		return err
	}
	all, err := tokens.ReadText(path)
	if err != nil {
		return err
	}
	unmarked, err := tok.Encode(all)
	if err != nil {
		return fmt.Errorf("--unmarked: %w", err)
	}
	if c.Key == "" {
		c.Key = "genlab"
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "TOKENS\tPAIRS\tFOUND\tFALSE\tCHANCE\tNORMAL\tEACH TIME\n")
	for _, length := range c.Lengths {
		if length < 2 || length > len(unmarked) {
			return fmt.Errorf("--lengths has %d: it must be 2 to %d, the tokens of the unmarked text", length, len(unmarked))
		}
		found, err := c.found(cmd, m, tok, length)
		if err != nil {
			return err
		}
		f, err := c.falsely(unmarked, length)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%d\t%.1f\t%.3f\t%.5f\t%.5f\t%.5f\t%.5f\n", length, f.pairs, found, f.once, f.chance, distuv.UnitNormal.Survival(c.Threshold), f.each)
	}
	return w.Flush()
}

// found is the part of marked samples that are told.
func (c finding) found(cmd *cobra.Command, m *gpt.Model, tok tokens.Tokenizer, length int) (float64, error) {
	line, err := tok.Encode("\n")
	if err != nil {
		return 0, err
	}
	cfg := gpt.SampleConfig{
		Tokens: length, Temperature: c.Temperature, Seed: c.Seed, Slide: true, Watermark: c.mark(), Never: tokens.Textless(tok, m.Config.VocabSize),
	}
	texts, err := m.Sample(cmd.Context(), slices.Repeat([][]int32{line}, c.Number), cfg)
	if err != nil {
		return 0, err
	}
	told := 0.0
	for _, text := range texts {
		t, err := cfg.Watermark.Find(text)
		if err != nil {
			return 0, err
		}
		if t.Z >= c.Threshold {
			told++
		}
	}
	return told / float64(len(texts)), nil
}

// alarms are means over keys and stretches of an unmarked text.
type alarms struct{ pairs, once, chance, each float64 }

func (c finding) falsely(unmarked []int32, length int) (alarms, error) {
	rng := rand.New(rand.NewPCG(c.Seed, uint64(length)))
	var a alarms
	for range c.Keys {
		w := nn.Watermark{Key: rng.Uint64(), Share: c.Share, Bias: c.Bias}
		at := rng.IntN(len(unmarked) - length + 1)
		once, err := w.Find(unmarked[at : at+length])
		if err != nil {
			return alarms{}, err
		}
		each, err := w.FindAll(unmarked[at : at+length])
		if err != nil {
			return alarms{}, err
		}
		a.pairs += float64(once.Scored)
		if once.Z >= c.Threshold {
			a.once++
		}
		if each.Z >= c.Threshold {
			a.each++
		}
		a.chance += w.Chance(once.Scored, c.Threshold)
	}
	n := float64(c.Keys)
	return alarms{a.pairs / n, a.once / n, a.chance / n, a.each / n}, nil
}
