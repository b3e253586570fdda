package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/wordpiece"
	"genlab/lib/models/bert"
)

// filling is what `fill` takes.
type filling struct {
	Model  string `flag:"model" help:"a run, fetched weights that have the head (antiberty), or a folder of BertForMaskedLM"`
	Number int    `flag:"number" short:"n" help:"how many pieces to show for a blank"`
	Each   bool   `flag:"each" help:"blank each piece in turn, and show which are told right"`
}

func newFill() *cobra.Command {
	c := filling{Model: "runs/bert", Number: 5}
	cmd := &cobra.Command{
		Use:   "fill TEXT",
		Short: "Tell what stands in a text's blanks, [MASK]; in a protein's, _",
		Long: `Tell what stands in a text's blanks, written [MASK], or in a protein's, written _, with the probability of each piece. Of several blanks
each is told by itself. AntiBERTy's weights, for antibodies, come by: genlab data antiberty.`,
		Example: `  genlab fill 'the [MASK] of light are refracted'
  genlab fill --model antiberty EVQLVESGGGLVQPGGSLRL_CAASGFTFSSYAMSWVRQAPGKGLEWVS
  genlab fill --model antiberty --each EVQLVESGGGLVQPGGSLRLSCAASGFTFSSYAMSWVRQAPGKGLEWVS`,
		Args: cobra.ExactArgs(1),
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if c.Number < 1 {
			return fmt.Errorf("--number is %d: it must be at least 1", c.Number)
		}
		m, err := open(c.Model)
		if err != nil {
			return err
		}
		text := m.tok.One(spread(m.tok, args[0]), 0).IDs()
		if c.Each {
			told, err := m.each(cmd.Context(), text)
			if err != nil {
				return err
			}
			cmd.Print(told.show(m.tok, text))
			return nil
		}
		var places []int32
		for i, id := range text {
			if id == m.tok.Mask {
				places = append(places, int32(i))
			}
		}
		chances, err := m.Fill(cmd.Context(), text, places)
		if err != nil {
			return err
		}
		for i, p := range chances {
			if len(places) > 1 {
				cmd.Printf("blank %d\n", i+1)
			}
			for _, choice := range bert.Best(p, c.Number) {
				cmd.Printf("%6.3f  %s\n", choice.Value, m.tok.Text(choice.Piece))
			}
		}
		return nil
	}
	return cmd
}

// spread parts a protein's letters, where the vocabulary is of single ones, and writes _ as a blank.
func spread(tok *wordpiece.Tokenizer, text string) string {
	for id := range int32(tok.Len()) {
		if !tok.Special(id) && len(tok.Text(id)) > 1 {
			return text
		}
	}
	text = strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(text), "[MASK]", "_"), " ", "")
	return strings.ReplaceAll(strings.Join(strings.Split(text, ""), " "), "_", "[MASK]")
}

// told is what the model says at each place of a text, that alone blanked.
type told struct {
	best  []int32   // of [CLS] and [SEP] themselves
	right []float32 // the probability of what stands there
}

// each blanks each piece in turn.
func (o *opened) each(ctx context.Context, text []int32) (told, error) {
	t := told{append([]int32(nil), text...), make([]float32, len(text))}
	for i := 1; i < len(text)-1; i++ {
		blanked := append([]int32(nil), text...)
		blanked[i] = o.tok.Mask
		p, err := o.Fill(ctx, blanked, []int32{int32(i)})
		if err != nil {
			return t, err
		}
		t.best[i], t.right[i] = bert.Best(p[0], 1)[0].Piece, p[0][text[i]]
	}
	return t, nil
}

// show is the text, what was said where that differs, and how many were right.
func (t told) show(tok *wordpiece.Tokenizer, text []int32) string {
	var given, said strings.Builder
	right := 0
	for i := 1; i < len(text)-1; i++ {
		piece, best := tok.Text(text[i]), tok.Text(t.best[i])
		if piece == best {
			right++
			best = "."
		}
		width := max(len(piece), len(best))
		if width > 1 {
			width++
		}
		fmt.Fprintf(&given, "%-*s", width, piece)
		fmt.Fprintf(&said, "%-*s", width, best)
	}
	return fmt.Sprintf("%s\n%s\n%d of %d told right\n", given.String(), said.String(), right, len(text)-2)
}
