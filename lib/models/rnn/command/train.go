package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/text"
	"genlab/lib/models/rnn"
)

// training is what `train lstm` takes: the model's own choices, and the data.
type training struct {
	rnn.TrainConfig
	Batch  int    `json:"batch" help:"places of the text read side by side"`
	Length int    `json:"length" help:"characters that a step reads at each place, and goes back through"`
	Data   string `json:"data" help:"text file, UTF-8 (default Newton's Opticks, which comes with Go)"`
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: rnn.Recipe(), Batch: 32, Length: 64}
	cmd := &cobra.Command{
		Use:   "lstm",
		Short: "Train a language model of characters on a text",
		Long: `Train a language model of characters on a text file: by default Newton's Opticks, which comes with Go. The first nine
tenths of the text train it, the rest measures it. An unfinished run in the same directory is resumed.`,
		Example: `  genlab train lstm                                  # 10 epochs on the Opticks in runs/lstm
  genlab train lstm --data war-and-peace.txt --layers 3 --hidden 512 --run runs/tolstoy
  genlab train lstm --cell gru --run runs/gru`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, rnn.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		lanes, err := t.lanes(cmd)
		if err != nil {
			return err
		}
		t.AfterEpoch = t.sample
		if _, err := rnn.Train(cmd.Context(), t.TrainConfig, lanes); err != nil {
			return err
		}
		return command.Report(cmd, t.Options, "validation_loss", "nats a character of the validation text",
			fmt.Sprintf("genlab sample lstm --run %s", command.Quote(t.Run)))
	}
	return cmd
}

// lanes reads the text: its vocabulary becomes the model's, its last tenth the validation.
func (t *training) lanes(cmd *cobra.Command) (*text.Lanes, error) {
	file := t.Data
	if file == "" {
		var err error
		if file, err = text.Opticks(cmd.Context()); err != nil {
			return nil, err
		}
	}
	corpus, err := text.Load(file, 0.9)
	if err != nil {
		return nil, err
	}
	command.WarnRepeated(cmd, corpus.Repeated)
	t.Model.Vocab = corpus.Vocab.String()
	batches := text.BatchConfig{Size: t.Batch, Length: t.Length, From: file}
	if t.Validation, err = text.NewLanes(corpus.Validation, batches); err != nil {
		return nil, err
	}
	return text.NewLanes(corpus.Train, batches)
}

// sample writes a text after each epoch.
func (t *training) sample(ctx context.Context, m *rnn.Model, epoch int, samples string) error {
	sample, err := m.Sample(ctx, rnn.SampleConfig{Length: 512, Temperature: 0.8, Seed: t.Seed})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(samples, fmt.Sprintf("epoch-%03d.txt", epoch)), []byte(sample+"\n"), 0o644)
}
