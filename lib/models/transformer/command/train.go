package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/helppages"
	"genlab/lib/data/translation"
	"genlab/lib/metrics"
	"genlab/lib/models/transformer"
	"genlab/lib/train"
)

// vocabularyFile lies in a translator's run.
const vocabularyFile = "tokenizer.json"

// source describes where a translator's pairs come from; the run keeps it.
type source struct {
	Phrases *translation.PhraseConfig `json:"phrases,omitempty"`
	Source  string                    `json:"source,omitempty"`
	To      string                    `json:"to,omitempty"` // the language, of help pages
	Target  string                    `json:"target,omitempty"`
	Pairs   int                       `json:"pairs"`
	Tokens  int                       `json:"tokens"`
}

// training is what `train translator` takes: the model's own choices, and the data.
type training struct {
	transformer.TrainConfig
	Embed  int `json:"embed" help:"width of the model, a multiple of 4; its inner layers have four times that; 0 is the preset's"`
	Layers int `json:"layers" help:"layers of the encoder, and of the decoder; 0 is the preset's"`

	To      string `json:"to" help:"language of the made pairs, or of the help pages: ru or de"`
	Digits  int    `json:"digits" help:"most digits of the made numbers"`
	Pairs   int    `json:"pairs" help:"made pairs in an epoch"`
	HeldOut int    `json:"held_out" help:"made pairs, or pairs of other help pages, to measure after each epoch"`
	Source  string `json:"source" flag:"data" help:"help-pages (genlab data help-pages), or a file of pairs: source, tab, target (ids and the like are passed over); or the source's lines alone with --data-target"`
	Target  string `json:"target" flag:"data-target" help:"file of the target's lines"`
	Vocab   int    `json:"vocab" help:"tokens of the vocabulary, of both languages together"`
	Tokens  int    `json:"batch_tokens" help:"tokens in a batch, on either side"`
}

func newTrain() *cobra.Command {
	t := training{TrainConfig: transformer.Recipe(), To: "ru", Digits: 9, Pairs: 200_000, HeldOut: 500, Vocab: 1000, Tokens: 4096}
	cmd := &cobra.Command{
		Use:   "translator",
		Short: "Train a Transformer to translate",
		Long: `Train the encoder-decoder Transformer to translate.
By default the pairs are made: English numbers, dates and clock times in words, with their exact translation to Russian or German.
A tenth of the numbers is held out and measured after each epoch.
With --data help-pages they are the sentences of an office suite's help, which people translated; the BLEU of pages that aren't learned from is
measured after each epoch. With --data FILE the pairs come from files, with a vocabulary of byte-pair encoding learned from them; one pair in fifty is held out.
An unfinished run in the same directory is resumed.`,
		Example: `  genlab train translator --to ru --run runs/ru
  genlab translate --run runs/ru "two hundred twelve million eleven thousand five"
  genlab data help-pages && genlab train translator --data help-pages --to ru --preset pages --vocab 8000 --run runs/pages
  genlab train translator --data pairs.tsv --run runs/mine --vocab 8000
  genlab train translator --data train.en --data-target train.de --run runs/mine`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, transformer.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		return t.run(cmd)
	}
	return cmd
}

func (t *training) run(cmd *cobra.Command) error {
	pairs, err := t.pairs()
	if err != nil {
		return err
	}
	if t.Run == "" {
		return errors.New("a training needs a run directory: name one with --run, such as runs/ru")
	}
	vocabulary, err := openVocabulary(t.Run, pairs.learn, t.Vocab)
	if err != nil {
		return err
	}
	t.Model.SourceVocab, t.Model.TargetVocab = vocabulary.Size(), vocabulary.Size()
	if t.Embed != 0 {
		t.Model.DModel, t.Model.DimFeedforward = t.Embed, 4*t.Embed
	}
	if t.Layers != 0 {
		t.Model.EncoderLayers, t.Model.DecoderLayers = t.Layers, t.Layers
	}
	batches, err := translation.NewBatches(vocabulary.EncodePairs(pairs.learn), translation.BatchConfig{
		From:   t.Source,
		Tokens: t.Tokens, MaxLength: t.Model.MaxLength, Seed: t.Seed,
	})
	if err != nil {
		return err
	}
	test := slices.DeleteFunc(slices.Clone(pairs.test), func(p translation.Pair) bool {
		return len(vocabulary.Encode(p.Source)) >= t.Model.MaxLength
	})
	if n := batches.LeftOut() + len(pairs.test) - len(test); n > 0 {
		cmd.PrintErrf("%d pairs longer than %d tokens are left out\n", n, t.Model.MaxLength)
	}
	t.Evaluate = func(ctx context.Context, m *transformer.Model) ([]train.Metric, error) {
		if len(test) == 0 {
			return nil, nil
		}
		outputs, err := translateAll(ctx, m, vocabulary, sources(test), transformer.SearchConfig{MaxTokens: searchLimit(m)})
		if err != nil {
			return nil, err
		}
		if !pairs.real {
			return []train.Metric{{Name: "exact", Value: exact(outputs, test)}}, nil
		}
		bleu, err := metrics.CorpusBLEU(outputs, references(test))
		return []train.Metric{{Name: "exact", Value: exact(outputs, test)}, {Name: "bleu", Value: bleu.Score}}, err
	}
	if _, err := transformer.Train(cmd.Context(), t.TrainConfig, batches); err != nil {
		return err
	}
	metric, unit, next := "exact", "of the held-out texts translated word for word", fmt.Sprintf("genlab translate --run %s TEXT", command.Quote(t.Run))
	if pairs.real {
		metric, unit = "bleu", "BLEU of held-out texts"
	}
	if t.Source == helppages.Set {
		next = fmt.Sprintf("genlab measure translation --run %s", command.Quote(t.Run))
	}
	return command.Report(cmd, t.Options, metric, unit, next)
}

// split is pairs to learn from and pairs to measure with.
type split struct {
	learn, test []translation.Pair
	real        bool // people's texts, of which a translation is seldom right to the letter
}

// pairs makes the pairs, or reads them, and notes in the config where they come from.
func (t *training) pairs() (split, error) {
	var s split
	if t.Source == "" {
		c := translation.PhraseConfig{Target: translation.Language(t.To), Seed: t.Seed, Digits: t.Digits}
		t.Data = source{Phrases: &c, Pairs: t.Pairs, Tokens: t.Tokens}
		phrases, err := translation.NewPhrases(c)
		if err != nil {
			return s, err
		}
		for i := range t.Pairs {
			s.learn = append(s.learn, phrases.Train(i))
		}
		for i := range t.HeldOut {
			s.test = append(s.test, phrases.Test(i))
		}
		return s, nil
	}
	s.real = true
	if t.Source == helppages.Set {
		corpus, err := helppages.Load(translation.Language(t.To))
		if err != nil {
			return s, err
		}
		t.Data = source{Source: t.Source, To: t.To, Pairs: len(corpus.Learn), Tokens: t.Tokens}
		s.learn, s.test = corpus.Learn, corpus.Validation[:min(t.HeldOut, len(corpus.Validation))]
		return s, nil
	}
	all, err := translation.Load(t.Source, t.Target)
	if err != nil {
		return s, err
	}
	t.Data = source{Source: t.Source, Target: t.Target, Pairs: len(all), Tokens: t.Tokens}
	s.learn, s.test = translation.Split(all, 50)
	return s, nil
}

// openVocabulary reads the run's vocabulary, or learns it and puts it there.
func openVocabulary(run string, pairs []translation.Pair, size int) (*translation.BPE, error) {
	path := filepath.Join(run, vocabularyFile)
	if _, err := os.Stat(path); err == nil {
		return translation.LoadBPE(path)
	}
	var texts []string
	for _, p := range pairs[:min(len(pairs), 20_000)] { // more words would take longer and change little
		texts = append(texts, p.Source, p.Target)
	}
	vocabulary, err := translation.TrainBPE(texts, size)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(run, 0o755); err != nil {
		return nil, fmt.Errorf("making the run directory: %w", err)
	}
	return vocabulary, vocabulary.Save(path)
}
