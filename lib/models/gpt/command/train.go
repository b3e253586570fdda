package command

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/text"
	"genlab/lib/models/gpt"
)

// training is what `train gpt` takes: the model's own choices, and the data.
type training struct {
	gpt.TrainConfig
	Text  string `json:"text" help:"UTF-8 text file, or a folder of them (default Newton's Opticks, which comes with Go)"`
	Chat  string `json:"chat" help:"learn to answer instead: from made conversations (made), or from a file of JSON lines"`
	Vocab int    `json:"vocab" help:"learn a byte-level BPE vocabulary of n tokens from the text; 0 takes characters"`
	Batch int    `json:"batch" help:"texts a step"`
	Steps int    `json:"steps" help:"steps an epoch, after which the validation loss is measured"`
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: gpt.Recipe(), Batch: 12, Steps: 250}
	cmd := &cobra.Command{
		Use:   "gpt",
		Short: "Train a GPT on a text",
		Long: `Train a GPT on a text file or a folder of them: by default Newton's Opticks, which comes with Go. The first nine tenths of the
text train it, the rest measures it, and the weights that do best on that are kept. An unfinished run in the same directory is gone
on with. An epoch is --steps steps.`,
		Example: `  genlab train gpt                                   # 2000 steps on the Opticks in runs/gpt
  genlab train gpt --text ~/novels --vocab 2000 --context 128 --run runs/novels
  genlab train gpt --preset modern --run runs/gpt-modern
  genlab train gpt --chat made --vocab 640 --context 96 \
      --batch 16 --rate 2e-3 --steps 560 --epochs 5 --run runs/chat`,
		Args: cobra.NoArgs,
	}
	configure := t.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		if err := os.MkdirAll(t.Run, 0o755); err != nil {
			return err
		}
		if t.Chat != "" {
			return t.onConversations(cmd)
		}
		return t.onText(cmd)
	}
	return cmd
}

// flags gives cmd its flags. The returned function fills t with what was given. Where the model shares keys, two heads of queries go on
// sharing each when --heads changes their number.
func (t *training) flags(cmd *cobra.Command) func() error {
	configure := command.Configure(cmd, t, &t.Model, gpt.Spec.Presets)
	return func() error {
		if err := configure(); err != nil {
			return err
		}
		if cmd.Flags().Changed("heads") && t.Model.KVHeads != 0 {
			t.Model.KVHeads = max(1, t.Model.Heads/2)
		}
		return nil
	}
}

// onText trains on a text and ends with the loss on its last tenth.
func (t *training) onText(cmd *cobra.Command) error {
	path := t.Text
	if path == "" {
		var err error
		if path, err = text.Opticks(cmd.Context()); err != nil {
			return err
		}
	}
	tok, learnt, validation, repeated, err := readTokens(path, t.Vocab)
	if err != nil {
		return err
	}
	command.WarnRepeated(cmd, repeated)
	t.Model.VocabSize = tok.Len()
	windows, err := text.NewWindows(learnt, text.BatchConfig{Size: t.Batch, Length: t.Model.Context, Seed: t.Seed, Steps: t.Steps, From: path})
	if err != nil {
		return err
	}
	t.Validation, err = text.NewWindows(validation, text.BatchConfig{Size: t.Batch, Length: t.Model.Context, Seed: 1, Steps: 200})
	if err != nil {
		return fmt.Errorf("the validation part: %w", err)
	}
	if err := keepTokenizer(t.Run, tok); err != nil {
		return err
	}
	if _, err := gpt.Train(cmd.Context(), t.TrainConfig, windows); err != nil {
		return err
	}
	return command.Report(cmd, t.Options, "validation_loss", "nats a token of the validation text",
		fmt.Sprintf("genlab sample gpt --run %s", command.Quote(t.Run)))
}
