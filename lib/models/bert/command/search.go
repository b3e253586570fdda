package command

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/tokens"
)

// searching is what `search` takes.
type searching struct {
	Model  string `flag:"model" help:"fetched weights, a folder of Hugging Face's, or a run"`
	Query  string `flag:"query" help:"what to look for, in words of your own"`
	By     string `flag:"by" help:"what is found: paragraph, sentence or line"`
	Number int    `flag:"number" short:"n" help:"how many"`
	Long   string `flag:"long" help:"what becomes of a passage that is too long: cut, window (the mean of its parts) or refuse"`
}

func newSearch() *cobra.Command {
	c := searching{Model: "minilm", By: "paragraph", Number: 5, Long: "cut"}
	cmd := &cobra.Command{
		Use:   "search FILE",
		Short: "Find the passages of a text that mean what is asked",
		Long: `Find the passages of a UTF-8 text file, or of a folder of them, whose meaning is nearest to a query, by the cosine of their vectors.
` + longHelp + `. Its weights come by: genlab data minilm.`,
		Example: `  genlab search opticks.txt --query 'why is the sky blue?'`,
		Args:    cobra.ExactArgs(1),
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if c.Query == "" {
			return errors.New("there is no query: give --query")
		}
		if c.Number < 1 {
			return fmt.Errorf("--number is %d: it must be at least 1", c.Number)
		}
		split, ok := map[string]func(string) []string{"paragraph": paragraphs, "sentence": sentences, "line": lines}[c.By]
		if !ok {
			return fmt.Errorf("--by is %q: it must be paragraph, sentence or line", c.By)
		}
		all, err := tokens.ReadText(args[0])
		if err != nil {
			return err
		}
		passages := split(all)
		if len(passages) == 0 {
			return fmt.Errorf("%s has no text", args[0])
		}
		m, err := open(c.Model)
		if err != nil {
			return err
		}
		vectors, err := m.embed(cmd.Context(), append([]string{c.Query}, passages...), c.Long)
		if err != nil {
			return err
		}
		for _, hit := range nearest(vectors[0], vectors[1:], c.Number) {
			cmd.Printf("%.3f  %s\n", hit.cosine, passages[hit.at])
		}
		return nil
	}
	return cmd
}

// hit is a vector that is near.
type hit struct {
	at     int
	cosine float64
}

// nearest are the n vectors nearest to one, the nearest first. All have length 1.
func nearest(to []float32, among [][]float32, n int) []hit {
	list := make([]hit, len(among))
	for i, v := range among {
		list[i] = hit{i, dot(to, v)}
	}
	slices.SortStableFunc(list, func(a, b hit) int { return cmp.Compare(b.cosine, a.cosine) })
	return list[:min(n, len(list))]
}
