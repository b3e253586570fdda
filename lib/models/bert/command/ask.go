package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/squad"
	"genlab/lib/data/tokens"
	"genlab/lib/metrics"
	"genlab/lib/models/bert"
)

// asking is what `ask` takes.
type asking struct {
	Model   string `flag:"model" help:"a run of train bert --questions, or a folder of BertForQuestionAnswering"`
	Text    string `flag:"text" help:"UTF-8 text file, or a folder of them, to answer from"`
	Passage string `flag:"passage" help:"the text itself, instead of --text"`
	Score   string `flag:"score" help:"answer all questions of a file of SQuAD's format instead, and score the answers"`
	Length  int    `flag:"length" help:"pieces of a window that is looked at at once"`
	Stride  int    `flag:"stride" help:"pieces from the beginning of one window to that of the next"`
}

func newAsk() *cobra.Command {
	c := asking{Model: "runs/ask", Length: 128, Stride: 48}
	cmd := &cobra.Command{
		Use:   "ask [QUESTION]",
		Short: "Answer a question from a text, or say that it has no answer",
		Example: `  genlab ask --text town.txt 'Who is the mayor of Brano?'
  genlab ask --passage 'The mayor of Brano is Ida Kello.' 'Who is the mayor of Brano?'
  genlab ask --score dev-v2.0.json`,
		Args: cobra.MaximumNArgs(1),
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		m, err := open(c.Model)
		if err != nil {
			return err
		}
		if c.Score != "" {
			return c.score(cmd, m)
		}
		if len(args) == 0 || args[0] == "" {
			return errors.New("there is no question: give one")
		}
		passage := c.Passage
		if passage == "" {
			if c.Text == "" {
				return errors.New("there is no text to answer from: give --text or --passage")
			}
			if passage, err = tokens.ReadText(c.Text); err != nil {
				return err
			}
		}
		found, err := m.answers(cmd.Context(), []squad.Question{{ID: "asked", Text: args[0], Passage: passage}}, c.Length, c.Stride)
		if err != nil {
			return err
		}
		cmd.Println(found[0].show(passage))
		return nil
	}
	return cmd
}

// score answers a file's questions.
func (c asking) score(cmd *cobra.Command, m *opened) error {
	list, err := squad.Read(c.Score)
	if err != nil {
		return err
	}
	_, s, err := m.score(cmd.Context(), list, c.Length, c.Stride)
	if err != nil {
		return err
	}
	cmd.Printf("exact %.2f %%, F1 %.2f of %d questions; of %d with an answer %.2f and %.2f; of %d without %.2f\n",
		s.Exact, s.F1, s.Total, s.HasAnswer, s.HasAnswerExact, s.HasF1, s.Other, s.NoAnswer)
	return nil
}

// found is a question's answer in its passage.
type found struct {
	text         string // "": there is none
	first, after int    // bytes of the passage
	score        float64
}

// show is the answer with what stands around it.
func (f found) show(passage string) string {
	if f.text == "" {
		return fmt.Sprintf("no answer (score %.2f)", f.score)
	}
	const around = 60
	from, to := max(0, f.first-around), min(len(passage), f.after+around)
	for from > 0 && passage[from]&0xC0 == 0x80 { // not amid a character
		from--
	}
	for to < len(passage) && passage[to]&0xC0 == 0x80 {
		to++
	}
	line := tidy([]string{passage[from:f.first] + "[" + f.text + "]" + passage[f.after:to]})
	return fmt.Sprintf("%s (score %.2f)\n  … %s …", f.text, f.score, line[0])
}

// answers finds the questions' answers.
func (o *opened) answers(ctx context.Context, list []squad.Question, length, stride int) ([]found, error) {
	all := make([][]bert.Window, len(list))
	pieces := make([]func(bert.Answer) (first, after int), len(list))
	for i, q := range list {
		windows, cut, err := o.windows(q.Text, q.Passage, length, stride)
		if err != nil {
			return nil, fmt.Errorf("question %s: %w", q.ID, err)
		}
		all[i] = windows
		pieces[i] = func(a bert.Answer) (first, after int) {
			of := cut[a.Window].Pieces
			return of[a.First].First, of[a.Last].After
		}
	}
	answers, err := o.Answers(ctx, all)
	if err != nil {
		return nil, err
	}
	out := make([]found, len(list))
	for i, a := range answers {
		out[i].score = a.Score
		if a.Score > 0 {
			first, after := pieces[i](a)
			out[i].text, out[i].first, out[i].after = list[i].Passage[first:after], first, after
		}
	}
	return out, nil
}

// score answers questions and holds the answers against the right ones.
func (o *opened) score(ctx context.Context, list []squad.Question, length, stride int) ([]found, metrics.SQuAD, error) {
	answers, err := o.answers(ctx, list, length, stride)
	if err != nil {
		return nil, metrics.SQuAD{}, err
	}
	predictions, right := make([]string, len(list)), make([][]string, len(list))
	for i, q := range list {
		predictions[i] = answers[i].text
		for _, a := range q.Answers {
			right[i] = append(right[i], a.Text)
		}
	}
	s, err := metrics.ScoreSQuAD(predictions, right)
	return answers, s, err
}
