package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/chat"
	"genlab/lib/models/gpt"
)

// heldOut is how many conversations measure what the others taught.
const heldOut = 500

// onConversations trains on conversations, with the loss on answers alone, and ends with the share of answers that are right to the letter.
func (t *training) onConversations(cmd *cobra.Command) error {
	list, held, err := readConversations(t.Chat, t.Batch*t.Steps)
	if err != nil {
		return err
	}
	tok, err := chat.Vocabulary(list, t.Vocab)
	if err != nil {
		return err
	}
	if err := keepTokenizer(t.Run, tok); err != nil {
		return err
	}
	format, err := chat.NewFormat(tok)
	if err != nil {
		return err
	}
	t.Model.VocabSize = tok.Len()
	length := t.Model.Context - answerTokens
	if t.Chat == "made" {
		list, held = format.Fitting(list, length), format.Fitting(held, length)
	}
	data, err := format.NewBatches(list, chat.BatchConfig{Size: t.Batch, Length: length, Seed: t.Seed, From: t.Chat})
	if err != nil {
		return err
	}
	if t.Validation, err = format.NewBatches(held, chat.BatchConfig{Size: min(t.Batch, len(held)), Length: length}); err != nil {
		return fmt.Errorf("the conversations held out: %w", err)
	}
	m, err := gpt.Train(cmd.Context(), t.TrainConfig, data)
	if err != nil {
		return err
	}
	score, err := exactAnswers(cmd.Context(), m, format, held)
	if err != nil {
		return err
	}
	cmd.Printf("%d of %d answers right to the letter, %d of %d conversations, all held out\n",
		score.RightAnswers, score.Answers, score.RightConversations, score.Conversations)
	for _, wrong := range score.Mistakes[:min(5, len(score.Mistakes))] {
		cmd.Printf("  %q: %q, not %q\n", wrong.Before[len(wrong.Before)-1].Content, wrong.Got, wrong.Want)
	}
	cmd.Printf("run:  %s\nnext: genlab chat gpt --run %s\n", t.Run, command.Quote(t.Run))
	return nil
}

// readConversations makes n conversations, or reads a file, and holds some out.
func readConversations(source string, n int) (list, held []chat.Conversation, err error) {
	if source == "made" {
		list = chat.Make(n, 1)
		return list, chat.Make(heldOut, 2, list...), nil
	}
	if list, err = chat.Open(source); err != nil {
		return nil, nil, err
	}
	if list, held, err = chat.Split(list, heldOut); err != nil {
		return nil, nil, fmt.Errorf("%s has %w", source, err)
	}
	return list, held, nil
}

// exactAnswers measures a model on conversations, many at a time.
func exactAnswers(ctx context.Context, m *gpt.Model, format *chat.Format, list []chat.Conversation) (*chat.Score, error) {
	const together = 50
	return format.Exact(list, m.Config.Context-answerTokens, func(prompts [][]int32) ([][]int32, error) {
		var all [][]int32
		for from := 0; from < len(prompts); from += together {
			part := prompts[from:min(from+together, len(prompts))]
			got, err := m.Sample(ctx, part, gpt.SampleConfig{Tokens: answerTokens, Stop: []int32{format.End()}})
			if err != nil {
				return nil, err
			}
			all = append(all, got...)
		}
		return all, nil
	})
}
