package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/data/translation"
	"genlab/lib/models/transformer"
	"genlab/lib/train"
)

// vocabularyFile lies in a translator's run.
const vocabularyFile = "tokenizer.json"

// The data's special tokens are the model's: neither room may import the other, so that the compiler compares them here.
var _ = map[bool]struct{}{false: {}, translation.Pad == transformer.Pad && translation.Begin == transformer.Begin &&
	translation.End == transformer.End && translation.Unknown == transformer.Unknown: {}}

// translationData describes where a translator's pairs come from; the run keeps it.
type translationData struct {
	Phrases *translation.PhraseConfig `json:"phrases,omitempty"`
	Source  string                    `json:"source,omitempty"`
	Target  string                    `json:"target,omitempty"`
	Pairs   int                       `json:"pairs"`
	Tokens  int                       `json:"tokens"`
}

func newTrainTranslatorCmd() *cobra.Command {
	cfg := transformer.TrainConfig{WarmUp: 400, Rate: 1, Seed: 1}
	var to, source, target string
	var pairs, heldOut, vocab, tokens, width, layers, digits int
	var dropout float64
	cmd := &cobra.Command{
		Use:   "translator",
		Short: "Train a Transformer to translate",
		Long: `Train the encoder-decoder Transformer to translate.
By default the pairs are made: English numbers, dates and clock times in words, with their exact translation to Russian or German.
A tenth of the numbers is held out and measured after each epoch.
With --data the pairs come from files, with a vocabulary of byte-pair encoding learned from them; one pair in fifty is held out.
An unfinished run in the same directory is gone on with.`,
		Example: `  genlab train translator --to ru --run runs/ru
  genlab translate --run runs/ru "two hundred twelve million eleven thousand five"
  genlab train translator --data pairs.tsv --run runs/mine --vocab 8000
  genlab train translator --data train.en --data-target train.de --run runs/mine`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			data := translationData{Pairs: pairs, Tokens: tokens}
			var learn, test []translation.Pair
			if source == "" {
				data.Phrases = &translation.PhraseConfig{Target: translation.Language(to), Seed: cfg.Seed, Digits: digits}
				phrases, err := translation.NewPhrases(*data.Phrases)
				if err != nil {
					return err
				}
				for i := range pairs {
					learn = append(learn, phrases.Train(i))
				}
				for i := range heldOut {
					test = append(test, phrases.Test(i))
				}
			} else {
				data.Source, data.Target = source, target
				all, err := translation.Load(source, target)
				if err != nil {
					return err
				}
				data.Pairs = len(all)
				learn, test = translation.Split(all, 50)
			}
			if cfg.Run == "" {
				return errors.New("a training needs a run directory: name one with --run, such as runs/ru")
			}
			vocabulary, err := openVocabulary(cfg.Run, learn, vocab)
			if err != nil {
				return err
			}
			cfg.Data = data
			cfg.Model = transformer.Small(vocabulary.Size())
			cfg.Model.DModel, cfg.Model.DimFeedforward = width, 4*width
			cfg.Model.EncoderLayers, cfg.Model.DecoderLayers = layers, layers
			cfg.Model.Dropout = dropout
			batches, err := translation.NewBatches(vocabulary.EncodePairs(learn), translation.BatchConfig{
				Tokens: tokens, MaxLength: cfg.Model.MaxLength, Seed: cfg.Seed,
			})
			if err != nil {
				return err
			}
			held := len(test)
			test = slices.DeleteFunc(test, func(p translation.Pair) bool { return len(vocabulary.Encode(p.Source)) >= cfg.Model.MaxLength })
			if n := batches.LeftOut() + held - len(test); n > 0 {
				cmd.PrintErrf("%d pairs longer than %d tokens are left out\n", n, cfg.Model.MaxLength)
			}
			cfg.Evaluate = func(ctx context.Context, m *transformer.Model) ([]train.Metric, error) {
				if len(test) == 0 {
					return nil, nil
				}
				outputs, err := translateAll(ctx, m, vocabulary, sources(test), transformer.SearchConfig{MaxTokens: searchLimit(m)})
				if err != nil {
					return nil, err
				}
				return []train.Metric{{Name: "exact", Value: exact(outputs, test)}}, nil
			}
			if _, err := transformer.Train(cmd.Context(), cfg, batches); err != nil {
				return err
			}
			return reportRun(cmd, cfg.Options, "exact", "of the held-out texts translated word for word",
				fmt.Sprintf("genlab translate --run %s TEXT", quote(cfg.Run)))
		},
	}
	f := cmd.Flags()
	f.StringVar(&to, "to", "ru", "language of the made pairs: ru or de")
	f.IntVar(&digits, "digits", 9, "most digits of the made numbers")
	f.IntVar(&pairs, "pairs", 200_000, "made pairs in an epoch")
	f.IntVar(&heldOut, "held-out", 500, "made pairs to measure after each epoch")
	f.StringVar(&source, "data", "", "file of pairs: source, tab, target (ids and the like are passed over); or the source's lines alone with --data-target")
	f.StringVar(&target, "data-target", "", "file of the target's lines")
	f.IntVar(&vocab, "vocab", 1000, "tokens of the vocabulary, of both languages together")
	f.IntVar(&tokens, "batch-tokens", 4096, "tokens in a batch, on either side")
	f.IntVar(&width, "width", 128, "d_model; a multiple of 4")
	f.IntVar(&layers, "layers", 2, "layers of the encoder, and of the decoder")
	f.Float64Var(&dropout, "dropout", 0, "share of values dropped; made pairs need none, small corpora 0.1 to 0.3")
	f.Float64Var(&cfg.Rate, "rate", cfg.Rate, "factor of the paper's learning rate")
	f.IntVar(&cfg.WarmUp, "warm-up", cfg.WarmUp, "steps in which the learning rate rises")
	f.Float64Var(&cfg.LabelSmoothing, "label-smoothing", cfg.LabelSmoothing, "share of the loss for all tokens alike")
	f.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "seed of pairs, weights, order and dropout")
	trainFlags(f, &cfg.Options, "runs/translator", 5)
	return cmd
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

func newTranslateCmd() *cobra.Command {
	var run, file string
	var search transformer.SearchConfig
	var check, digits int
	cmd := &cobra.Command{
		Use:   "translate [TEXT]",
		Short: "Translate a text, a file's lines, or standard input as it comes",
		Example: `  genlab translate --run runs/ru "half past seven"
  genlab translate --run runs/ru --beam 4 --file phrases.txt
  genlab translate --run runs/ru --check 10000
  genlab translate --run runs/short --check 1000 --digits 8`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := transformer.Open(run)
			if err != nil {
				return err
			}
			vocabulary, err := translation.LoadBPE(filepath.Join(run, vocabularyFile))
			if err != nil {
				return err
			}
			if search.MaxTokens == 0 {
				search.MaxTokens = searchLimit(m)
			}
			switch {
			case check > 0:
				return checkTranslator(cmd, m, vocabulary, run, check, digits, search)
			case len(args) == 1:
				return translateLines(cmd, m, vocabulary, strings.NewReader(args[0]), search, 1)
			case file != "":
				f, err := os.Open(file)
				if err != nil {
					return err
				}
				defer func() { _ = f.Close() }() // only read
				return translateLines(cmd, m, vocabulary, f, search, 64)
			default:
				return translateLines(cmd, m, vocabulary, cmd.InOrStdin(), search, 1)
			}
		},
	}
	f := cmd.Flags()
	f.StringVar(&run, "run", "runs/translator", "the run's directory")
	f.StringVar(&file, "file", "", "file whose lines to translate")
	f.IntVar(&search.Beam, "beam", 1, "hypotheses to follow; 1 is greedy")
	f.Float64Var(&search.LengthPenalty, "length-penalty", 0.6, "α of the length penalty; 0 is none")
	f.IntVar(&search.MaxTokens, "max-tokens", 0, "longest translation, in tokens (default 100, or what the model takes)")
	f.IntVar(&check, "check", 0, "translate so many held-out phrases instead; tell how many of each kind are exact, and the twenty worst mistakes")
	f.IntVar(&digits, "digits", 0, "with --check: numbers of so many digits instead, held out or not; more than were trained on test the length")
	return cmd
}

// searchLimit keeps what a search allocates small: the phrases and most sentences are shorter.
func searchLimit(m *transformer.Model) int { return min(100, m.Config.MaxLength-1) }

// translateLines translates line by line, batch lines at a time.
func translateLines(cmd *cobra.Command, m *transformer.Model, vocabulary *translation.BPE, r io.Reader, search transformer.SearchConfig, batch int) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	var texts []string
	number := 0
	flush := func() error {
		outputs, err := translateAll(cmd.Context(), m, vocabulary, texts, search)
		if err != nil {
			return err
		}
		for _, o := range outputs {
			cmd.Println(o)
		}
		texts = texts[:0]
		return nil
	}
	for lines.Scan() {
		number++
		text := strings.TrimSpace(lines.Text())
		if tokens := vocabulary.Encode(text); slices.Contains(tokens, translation.Unknown) {
			cmd.PrintErrf("line %d has characters that the vocabulary lacks: %s\n", number, text)
		} else if len(tokens) >= m.Config.MaxLength {
			return fmt.Errorf("line %d has %d tokens: the model takes at most %d, cut it into sentences", number, len(tokens), m.Config.MaxLength-1)
		}
		if texts = append(texts, text); len(texts) == batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading line %d: %w", number+1, err)
	}
	return flush()
}

// translateAll translates texts; an empty one stays empty.
func translateAll(ctx context.Context, m *transformer.Model, vocabulary *translation.BPE, texts []string, search transformer.SearchConfig) ([]string, error) {
	outputs := make([]string, len(texts))
	var places []int
	var tokens [][]int32
	for i, text := range texts {
		if text != "" {
			places, tokens = append(places, i), append(tokens, vocabulary.Encode(text))
		}
	}
	found, err := m.Translate(ctx, tokens, search)
	if err != nil {
		return nil, err
	}
	for i, h := range found {
		outputs[places[i]] = vocabulary.Decode(h.Tokens)
	}
	return outputs, nil
}

func sources(pairs []translation.Pair) []string {
	list := make([]string, len(pairs))
	for i, p := range pairs {
		list[i] = p.Source
	}
	return list
}

// exact is the share of outputs equal to the targets.
func exact(outputs []string, pairs []translation.Pair) float64 {
	right := 0
	for i, o := range outputs {
		if o == pairs[i].Target {
			right++
		}
	}
	return float64(right) / float64(len(pairs))
}

// checkTranslator measures a run of made pairs on held-out ones; with digits, on numbers that have so many.
func checkTranslator(cmd *cobra.Command, m *transformer.Model, vocabulary *translation.BPE, run string, n, digits int, search transformer.SearchConfig) error {
	var cfg struct {
		Data translationData `json:"data"`
	}
	if err := train.ReadConfig(run, "translator", &cfg); err != nil {
		return err
	}
	if cfg.Data.Phrases == nil {
		return fmt.Errorf("%s was trained on %s: --check measures runs of made phrases", run, cfg.Data.Source)
	}
	if digits < 0 || digits > 9 {
		return fmt.Errorf("--digits is %d: it must be 1 to 9", digits)
	}
	phrases, err := translation.NewPhrases(*cfg.Data.Phrases)
	if err != nil {
		return err
	}
	pairs, kinds := make([]translation.Pair, n), make([]translation.Kind, n)
	for i := range pairs {
		place := i + 1_000_000 // not those measured while training
		pairs[i], kinds[i] = phrases.Test(place), phrases.TestKind(place)
		if digits > 0 {
			pairs[i], kinds[i] = phrases.Long(place, digits), translation.Numbers
		}
	}
	outputs, err := translateAll(cmd.Context(), m, vocabulary, sources(pairs), search)
	if err != nil {
		return err
	}
	type mistake struct {
		translation.Pair
		output string
		words  int // wrong ones
	}
	var mistakes []mistake
	all, right := map[translation.Kind]int{}, map[translation.Kind]int{}
	for i, o := range outputs {
		all[kinds[i]]++
		if p := pairs[i]; o != p.Target {
			mistakes = append(mistakes, mistake{p, o, wrongWords(o, p.Target)})
		} else {
			right[kinds[i]]++
		}
	}
	sort.SliceStable(mistakes, func(i, j int) bool { return mistakes[i].words > mistakes[j].words })
	for _, m := range mistakes[:min(20, len(mistakes))] {
		cmd.Printf("%s\n  wanted: %s\n  got:    %s\n", m.Source, m.Target, m.output)
	}
	for _, k := range translation.Kinds {
		if all[k] > 0 {
			cmd.Printf("%s: %d of %d exact, %.2f %%\n", k, right[k], all[k], 100*float64(right[k])/float64(all[k]))
		}
	}
	what := "held-out phrases"
	if digits > 0 {
		what = fmt.Sprintf("numbers of %d digits", digits)
	}
	cmd.Printf("%d of %d %s exact: %.2f %%\n", n-len(mistakes), n, what, 100*exact(outputs, pairs))
	return nil
}

// wrongWords counts the places at which two texts have different words.
func wrongWords(a, b string) int {
	x, y := strings.Fields(a), strings.Fields(b)
	wrong := max(len(x), len(y)) - min(len(x), len(y))
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			wrong++
		}
	}
	return wrong
}
