package command

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/squad"
	"genlab/lib/data/text"
	"genlab/lib/data/tokens"
	"genlab/lib/data/wordpiece"
	"genlab/lib/models/bert"
	"genlab/lib/train"
)

// training is what `train bert` takes: the model's own choices, and the data.
type training struct {
	bert.TrainConfig
	Text      string `json:"text" help:"UTF-8 text file, or a folder of them (default Newton's Opticks, which comes with Go)"`
	Questions string `json:"questions" help:"learn to answer instead: made questions (made), or a file of SQuAD's format, of which the last tenth measures"`
	Vocab     int    `json:"vocab" help:"pieces of the vocabulary that is learnt from the text, where no pretrained weights bring one"`
	Length    int    `json:"length" help:"pieces of a window"`
	Batch     int    `json:"batch" help:"windows a step"`
	Steps     int    `json:"steps" help:"steps an epoch, after which the model is measured; for questions 0 is all of them"`
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: bert.Recipe(), Vocab: 2000, Length: 64, Batch: 16, Steps: 250}
	cmd := &cobra.Command{
		Use:   "bert",
		Short: "Train BERT to tell masked words of a text, or to answer questions",
		Long: `Train BERT to tell masked words of a text file or a folder of them: by default Newton's Opticks, which comes with Go. The first nine
tenths of the text train it, the rest measures it. Or train it to answer questions from a passage, and to see when there is no answer.
With --start it begins with pretrained weights, else with fresh ones. An unfinished run in the same directory is gone on with.`,
		Example: `  genlab train bert                                   # 2000 steps on the Opticks in runs/bert
  genlab train bert --start minilm --rate 2e-4 --run runs/bert-minilm
  genlab train bert --questions made --start minilm --rate 2e-4 --epochs 4 --steps 100 --run runs/ask`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, bert.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		if t.Questions != "" {
			return t.onQuestions(cmd)
		}
		return t.onText(cmd)
	}
	return cmd
}

// begin opens the tokenizer that pretrained weights bring, and takes their architecture; nil where the model begins afresh.
func (t *training) begin(head bert.Head) (*wordpiece.Tokenizer, error) {
	t.Model.Head = head
	if t.Start == "" {
		return nil, nil
	}
	folder, err := folderOf(t.Start)
	if err != nil {
		return nil, err
	}
	c, err := bert.ReadConfig(folder)
	if err != nil {
		return nil, err
	}
	c.Head, c.Dropout, c.AttnDropout = head, t.Model.Dropout, t.Model.AttnDropout
	t.Start, t.Model = folder, c
	return wordpiece.Open(folder)
}

// learnt is the tokenizer: that of the pretrained weights, else one learnt from a text. It is kept with the run.
func (t *training) learnt(head bert.Head, text func() string) (*wordpiece.Tokenizer, error) {
	tok, err := t.begin(head)
	if err != nil {
		return nil, err
	}
	if tok == nil {
		if tok, err = wordpiece.Learn(text(), t.Vocab, wordpiece.Uncased()); err != nil {
			return nil, err
		}
		t.Model.VocabSize, t.Model.Padding = tok.Len(), int(tok.Pad)
	}
	if err := os.MkdirAll(t.Run, 0o755); err != nil {
		return nil, err
	}
	return tok, tok.Save(t.Run)
}

// onText trains on masked words and ends with the loss on the text's last tenth.
func (t *training) onText(cmd *cobra.Command) error {
	path := t.Text
	if path == "" {
		var err error
		if path, err = text.Opticks(cmd.Context()); err != nil {
			return err
		}
	}
	all, err := tokens.ReadText(path)
	if err != nil {
		return err
	}
	cut := strings.LastIndexAny(all[:len(all)*9/10], " \n") + 1
	tok, err := t.learnt(bert.MaskedLM, func() string { return all[:cut] })
	if err != nil {
		return err
	}
	batches := func(text string, c wordpiece.MaskedConfig) (*wordpiece.Masked, error) {
		pieces, err := tok.Encode(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		c.Size, c.Length, c.From = t.Batch, t.Length, path
		return wordpiece.NewMasked(tok, pieces, c)
	}
	data, err := batches(all[:cut], wordpiece.MaskedConfig{Seed: t.Seed, Steps: t.Steps})
	if err != nil {
		return err
	}
	if t.Validation, err = batches(all[cut:], wordpiece.MaskedConfig{Seed: 1, Steps: 50}); err != nil {
		return fmt.Errorf("the validation part: %w", err)
	}
	if _, err := bert.Train(cmd.Context(), t.TrainConfig, data); err != nil {
		return err
	}
	return command.Report(cmd, t.Options, "validation_loss", "nats a masked piece of the validation text",
		fmt.Sprintf("genlab fill --model %s 'rays of [MASK] are refracted'", command.Quote(t.Run)))
}

// onQuestions trains on questions and ends with how many of others are answered exactly.
func (t *training) onQuestions(cmd *cobra.Command) error {
	learn, measure, err := t.readQuestions(cmd.Context())
	if err != nil {
		return err
	}
	tok, err := t.learnt(bert.Span, func() string {
		var b strings.Builder
		for _, q := range learn {
			b.WriteString(q.Passage + " " + q.Text + "\n")
		}
		return b.String()
	})
	if err != nil {
		return err
	}
	data, err := squad.NewBatches(learn, tok, squad.BatchConfig{Size: t.Batch, Length: t.Length, Stride: max(1, t.Length/3), Seed: t.Seed, From: t.Questions})
	if err != nil {
		return err
	}
	t.Measure = func(ctx context.Context, m *bert.Model) ([]train.Metric, error) {
		o := &opened{m, tok, t.Length}
		_, score, err := o.score(ctx, measure, t.Length, max(1, t.Length/3))
		return []train.Metric{{Name: "exact", Value: score.Exact}, {Name: "f1", Value: score.F1}, {Name: "no_answer", Value: score.NoAnswer}}, err
	}
	if _, err := bert.Train(cmd.Context(), t.TrainConfig, data); err != nil {
		return err
	}
	return command.Report(cmd, t.Options, "exact", fmt.Sprintf("%% of %d other questions answered exactly", len(measure)),
		fmt.Sprintf("genlab ask --model %s --text FILE QUESTION", command.Quote(t.Run)))
}

// madeMeasured is how many made questions measure.
const madeMeasured = 200

// readQuestions gives the questions to learn from and those to measure by: of made ones these have other names, facts and wordings.
func (t *training) readQuestions(ctx context.Context) (learn, measure []squad.Question, err error) {
	if t.Questions != "made" {
		all, err := squad.Read(t.Questions)
		if err != nil {
			return nil, nil, err
		}
		cut := len(all) * 9 / 10
		return all[:cut], all[cut:], nil
	}
	filler, err := fillers(ctx)
	if err != nil {
		return nil, nil, err
	}
	count := max(1, t.Steps) * t.Batch
	learn = squad.Made(squad.MadeConfig{Count: count, Seed: t.Seed, Filler: filler})
	return learn, squad.Made(squad.MadeConfig{Count: madeMeasured, Seed: t.Seed + 1<<32, Filler: filler, Held: true}), nil
}

// fillers are short sentences of the Opticks.
func fillers(ctx context.Context) ([]string, error) {
	path, err := text.Opticks(ctx)
	if err != nil {
		return nil, err
	}
	all, err := tokens.ReadText(path)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, s := range sentences(all) {
		if n := len(s); n > 40 && n < 110 && s[0] >= 'A' && s[0] <= 'Z' {
			list = append(list, s)
		}
	}
	return list, nil
}
