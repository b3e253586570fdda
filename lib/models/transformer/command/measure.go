package command

import (
	"cmp"
	"fmt"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/helppages"
	"genlab/lib/data/translation"
	"genlab/lib/metrics"
	"genlab/lib/models/transformer"
	"genlab/lib/train"
)

// measuring is what `measure translation` takes.
type measuring struct {
	Run           string  `flag:"run" help:"the run's directory"`
	Number        int     `flag:"number" short:"n" help:"texts of the held-out pages to translate, evenly from all; 0 is all"`
	Beam          int     `flag:"beam" help:"hypotheses to follow; 1 is greedy"`
	LengthPenalty float64 `flag:"length-penalty" help:"α of the length penalty; 0 is none"`
}

func newMeasure() *cobra.Command {
	c := measuring{Run: "runs/pages", Beam: 4, LengthPenalty: 0.6}
	cmd := &cobra.Command{
		Use:   "translation",
		Short: "Measure a translator of help pages on pages that it didn't learn from, by BLEU and chrF",
		Long: `Measure a translator of help pages on pages that it didn't learn from, by sacreBLEU's BLEU and chrF, beside the text itself, untranslated, and
beside a memory, which gives the translation of the most similar text that was learned from; tell the mistakes by kind, with an example of each,
and translate sentences of everyday language, which the pages don't have.`,
		Example: `  genlab measure translation --run runs/pages
  genlab measure translation --run runs/pages --number 300 --beam 1`,
		Args: cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.measure(cmd) }
	return cmd
}

func (c measuring) measure(cmd *cobra.Command) error {
	if c.Number < 0 {
		return fmt.Errorf("--number is %d: it must be at least 1, or 0 for all", c.Number)
	}
	var cfg struct {
		Data source `json:"data"`
	}
	if err := train.ReadConfig(c.Run, transformer.Spec.ID, &cfg); err != nil {
		return err
	}
	if cfg.Data.Source != helppages.Set {
		return fmt.Errorf("%s wasn't trained on help pages: train with --data %s, or measure made phrases by genlab translate --check", c.Run, helppages.Set)
	}
	to := translation.Language(cfg.Data.To)
	corpus, err := helppages.Load(to)
	if err != nil {
		return err
	}
	m, err := transformer.Open(c.Run)
	if err != nil {
		return err
	}
	vocabulary, err := translation.LoadBPE(filepath.Join(c.Run, vocabularyFile))
	if err != nil {
		return err
	}
	search := transformer.SearchConfig{Beam: c.Beam, LengthPenalty: c.LengthPenalty, MaxTokens: searchLimit(m)}
	test, everyday := evenly(corpus.Test, c.Number), translation.Everyday(to)
	translated, err := translateAll(cmd.Context(), m, vocabulary, sources(append(test, everyday...)), search)
	if err != nil {
		return err
	}
	outputs, talk := translated[:len(test)], translated[len(test):]
	memory := translation.NewMemory(corpus.Learn)
	remembered, talkRemembered := make([]string, len(test)), make([]string, len(everyday))
	for i, p := range test {
		remembered[i] = memory.Translate(p.Source)
	}
	for i, p := range everyday {
		talkRemembered[i] = memory.Translate(p.Source)
	}
	cmd.Printf("%d texts of help pages that weren't learned from, %d sentences of everyday language\n", len(test), len(everyday))
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHAT\tBLEU\tCHRF\tEXACT\tEVERYDAY BLEU\tCHRF")
	for _, way := range []struct {
		name          string
		outputs, talk []string
	}{{"translator", outputs, talk}, {"memory", remembered, talkRemembered}, {"copied", sources(test), sources(everyday)}} {
		page, err := score(way.outputs, test)
		if err != nil {
			return err
		}
		day, err := score(way.talk, everyday)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.1f %%\t%.2f\t%.2f\n", way.name, page[0], page[1], 100*exact(way.outputs, test), day[0], day[1])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	cmd.Printf("BLEU|%s\nchrF2|%s\n", metrics.BLEUSignature(1), metrics.ChrFSignature(1))
	showMistakes(cmd, test, outputs)
	cmd.Println("\neveryday language:")
	for i, p := range everyday {
		cmd.Printf("%s\n  wanted: %s\n  got:    %s\n", p.Source, p.Target, command.Line(talk[i]))
	}
	return nil
}

// score gives BLEU and chrF.
func score(outputs []string, pairs []translation.Pair) (s [2]float64, err error) {
	bleu, err := metrics.CorpusBLEU(outputs, references(pairs))
	if err != nil {
		return s, err
	}
	s[0] = bleu.Score
	s[1], err = metrics.CorpusChrF(outputs, references(pairs))
	return s, err
}

// evenly takes n of the pairs, from all of the list; all of them for 0.
func evenly(pairs []translation.Pair, n int) []translation.Pair {
	n = min(cmp.Or(n, len(pairs)), len(pairs))
	some := make([]translation.Pair, n)
	for i := range some {
		some[i] = pairs[i*len(pairs)/n]
	}
	return some
}

// showMistakes tells how many texts have each kind of mistake, with the first of each.
func showMistakes(cmd *cobra.Command, test []translation.Pair, outputs []string) {
	counts, first := map[translation.Mistake]int{}, map[translation.Mistake]int{}
	for i, o := range outputs {
		kind := translation.MistakeOf(test[i], o)
		if counts[kind]++; counts[kind] == 1 {
			first[kind] = i
		}
	}
	cmd.Println("\nmistakes:")
	for _, kind := range translation.Mistakes {
		if counts[kind] == 0 {
			continue
		}
		p := test[first[kind]]
		cmd.Printf("%5.1f %%  %s\n", 100*float64(counts[kind])/float64(len(test)), kind)
		if kind != translation.Right {
			cmd.Printf("         %s\n         wanted: %s\n         got:    %s\n", command.Line(p.Source), command.Line(p.Target), command.Line(outputs[first[kind]]))
		}
	}
}
