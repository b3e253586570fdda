package command

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/translation"
	"genlab/lib/models/transformer"
)

// translating is what `translate` takes.
type translating struct {
	Run           string  `flag:"run" help:"the run's directory"`
	File          string  `flag:"file" help:"file whose lines to translate"`
	Beam          int     `flag:"beam" help:"hypotheses to follow; 1 is greedy"`
	LengthPenalty float64 `flag:"length-penalty" help:"α of the length penalty; 0 is none"`
	MaxTokens     int     `flag:"max-tokens" help:"longest translation, in tokens; 0 is 100, or what the model takes"`
	Check         int     `flag:"check" help:"translate n held-out phrases instead; tell how many of each kind are exact, and the twenty worst mistakes"`
	Digits        int     `flag:"digits" help:"with --check: numbers of n digits instead, held out or not; more than were trained on test the length"`
}

func newTranslate() *cobra.Command {
	c := translating{Run: transformer.Recipe().Run, Beam: 1, LengthPenalty: 0.6}
	cmd := &cobra.Command{
		Use:   "translate [TEXT]",
		Short: "Translate a text, a file's lines, or standard input as it comes",
		Example: `  genlab translate --run runs/ru "half past seven"
  genlab translate --run runs/ru --beam 4 --file phrases.txt
  genlab translate --run runs/ru --check 10000
  genlab translate --run runs/short --check 1000 --digits 8`,
		Args: cobra.MaximumNArgs(1),
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return c.translate(cmd, args) }
	return cmd
}

func (c translating) translate(cmd *cobra.Command, args []string) error {
	m, err := transformer.Open(c.Run)
	if err != nil {
		return err
	}
	vocabulary, err := translation.LoadBPE(filepath.Join(c.Run, vocabularyFile))
	if err != nil {
		return err
	}
	search := transformer.SearchConfig{Beam: c.Beam, LengthPenalty: c.LengthPenalty, MaxTokens: cmp.Or(c.MaxTokens, searchLimit(m))}
	switch {
	case c.Check > 0:
		return c.check(cmd, m, vocabulary, search)
	case len(args) == 1:
		return translateLines(cmd, m, vocabulary, strings.NewReader(args[0]), search, 1)
	case c.File != "":
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // only read
		return translateLines(cmd, m, vocabulary, f, search, 64)
	default:
		return translateLines(cmd, m, vocabulary, cmd.InOrStdin(), search, 1)
	}
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
			cmd.Println(command.Line(o))
		}
		texts = texts[:0]
		return nil
	}
	for lines.Scan() {
		number++
		text := strings.TrimSpace(lines.Text())
		if tokens := vocabulary.Encode(text); slices.Contains(tokens, translation.Unknown) {
			cmd.PrintErrf("line %d has characters that the vocabulary lacks: %s\n", number, command.Line(text))
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
