package command

import (
	"fmt"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/translation"
	"genlab/lib/models/transformer"
	"genlab/lib/train"
)

func sources(pairs []translation.Pair) []string {
	list := make([]string, len(pairs))
	for i, p := range pairs {
		list[i] = p.Source
	}
	return list
}

// references are the targets, one for each text.
func references(pairs []translation.Pair) [][]string {
	list := make([][]string, len(pairs))
	for i, p := range pairs {
		list[i] = []string{p.Target}
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

// check measures a run of made pairs on held-out ones; with Digits, on numbers that have n.
func (c translating) check(cmd *cobra.Command, m *transformer.Model, vocabulary *translation.BPE, search transformer.SearchConfig) error {
	pairs, kinds, err := c.heldOut()
	if err != nil {
		return err
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
		cmd.Printf("%s\n  wanted: %s\n  got:    %s\n", command.Line(m.Source), command.Line(m.Target), command.Line(m.output))
	}
	for _, k := range translation.Kinds {
		if all[k] > 0 {
			cmd.Printf("%s: %d of %d exact, %.2f %%\n", k, right[k], all[k], 100*float64(right[k])/float64(all[k]))
		}
	}
	what := "held-out phrases"
	if c.Digits > 0 {
		what = fmt.Sprintf("numbers of %d digits", c.Digits)
	}
	cmd.Printf("%d of %d %s exact: %.2f %%\n", len(pairs)-len(mistakes), len(pairs), what, 100*exact(outputs, pairs))
	return nil
}

// heldOut makes the phrases to check with, of the kind that the run was trained on.
func (c translating) heldOut() ([]translation.Pair, []translation.Kind, error) {
	var cfg struct {
		Data source `json:"data"`
	}
	if err := train.ReadConfig(c.Run, transformer.Spec.ID, &cfg); err != nil {
		return nil, nil, err
	}
	if cfg.Data.Phrases == nil {
		return nil, nil, fmt.Errorf("%s was trained on %s: --check measures runs of made phrases", c.Run, cfg.Data.Source)
	}
	if c.Digits < 0 || c.Digits > 9 {
		return nil, nil, fmt.Errorf("--digits is %d: it must be 1 to 9", c.Digits)
	}
	phrases, err := translation.NewPhrases(*cfg.Data.Phrases)
	if err != nil {
		return nil, nil, err
	}
	pairs, kinds := make([]translation.Pair, c.Check), make([]translation.Kind, c.Check)
	for i := range pairs {
		place := i + 1_000_000 // not those measured while training
		pairs[i], kinds[i] = phrases.Test(place), phrases.TestKind(place)
		if c.Digits > 0 {
			pairs[i], kinds[i] = phrases.Long(place, c.Digits), translation.Numbers
		}
	}
	return pairs, kinds, nil
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
