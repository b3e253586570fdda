package command

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/tokens"
	"genlab/lib/models/gpt"
)

// sampling is what `sample gpt` takes.
type sampling struct {
	Run        string `flag:"run" help:"the run's directory"`
	Pretrained string `flag:"pretrained" help:"a folder with GPT-2 as Hugging Face publishes it, instead of a run: config.json, model.safetensors, vocab.json, merges.txt"`
	Prompt     string `flag:"prompt" help:"text to go on from"`
	Marking
	gpt.SampleConfig
}

func newSample() *cobra.Command {
	c := sampling{
		Run: gpt.Recipe().Run, Prompt: "\n", Marking: newMarking(),
		SampleConfig: gpt.SampleConfig{Tokens: 500, Temperature: 0.8, Seed: 1, Slide: true},
	}
	cmd := &cobra.Command{
		Use:   "gpt",
		Short: "Write text with a GPT; it shows as it comes",
		Example: `  genlab sample gpt --prompt "The Light of the Sun"
  genlab sample gpt --temperature 1 --top-p 0.9 --tokens 2000 --seed 7
  genlab sample gpt --watermark "a secret" > made.txt && genlab measure watermark --watermark "a secret" --text made.txt
  genlab sample gpt --pretrained ~/models/gpt2 --prompt "Alan Turing" --top-k 40`,
		Args: cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	stops := cmd.Flags().StringArray("stop", nil, "end at this text, which may hold commas; may be given more than once")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		m, tok, err := openModel(c.Run, c.Pretrained)
		if err != nil {
			return err
		}
		if err := asText(&c.SampleConfig, cmp.Or(c.Pretrained, c.Run), m, tok); err != nil {
			return err
		}
		c.SampleConfig.Watermark = c.mark()
		return writeText(cmd, m, tok, c.Prompt, *stops, c.SampleConfig)
	}
	return cmd
}

// openModel opens a run, or a published model.
func openModel(run, pretrained string) (m *gpt.Model, tok tokens.Tokenizer, err error) {
	folder := run
	if pretrained != "" {
		folder = pretrained
		m, err = gpt.OpenPretrained(pretrained)
	} else {
		m, err = gpt.Open(run)
	}
	if err != nil {
		return nil, nil, err
	}
	tok, err = openTokenizer(folder, m)
	return m, tok, err
}

// errStopped ends a sampling at a stop string.
var errStopped = errors.New("stopped")

// writeText writes a prompt and what follows it, piece by piece, until a stop string would begin. A token that ends the text isn't shown.
func writeText(cmd *cobra.Command, m *gpt.Model, tok tokens.Tokenizer, prompt string, stops []string, cfg gpt.SampleConfig) error {
	ids, err := tok.Encode(prompt)
	if err != nil {
		return fmt.Errorf("--prompt: %w", err)
	}
	out := cmd.OutOrStdout()
	stream := tokens.Stream{Tokenizer: tok}
	stop := tokens.Stopper{Stops: stops}
	cfg.Stream = func(texts [][]int32) error {
		added := texts[0]
		if n := len(added); n > 0 && slices.Contains(cfg.Stop, added[n-1]) {
			added = added[:n-1]
		}
		piece, err := stream.Add(added...)
		if err != nil {
			return err
		}
		piece, ended := stop.Add(piece)
		if _, err := fmt.Fprint(out, piece); err != nil {
			return err
		}
		if ended {
			return errStopped
		}
		return nil
	}
	if _, err := fmt.Fprint(out, prompt); err != nil {
		return err
	}
	if _, err = m.Sample(cmd.Context(), [][]int32{ids}, cfg); err != nil && !errors.Is(err, errStopped) {
		return err
	}
	_, err = fmt.Fprintln(out, stop.Rest())
	return err
}
