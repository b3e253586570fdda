package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/data/chat"
	"genlab/lib/data/tokens"
	"genlab/lib/models/gpt"
)

// answerTokens is what the context keeps free for an answer.
const answerTokens = 16

func newChatCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "chat MODEL", Short: "Talk with a model that was trained on conversations"}
	cmd.AddCommand(newChatGPTCmd())
	return cmd
}

func newChatGPTCmd() *cobra.Command {
	run := "runs/chat"
	cfg := gpt.SampleConfig{Tokens: answerTokens, ChunkTokens: 4}
	cmd := &cobra.Command{
		Use:   "gpt",
		Short: "Talk with a GPT",
		Long: `Talk with a GPT that was trained with genlab train gpt --chat. Each line is a question; the talk so far counts, as far as the
model's context reaches. Ctrl-C stops an answer; Ctrl-D, or Ctrl-C at an empty line, ends the talk.`,
		Example: "  genlab chat gpt --run runs/chat",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, format, err := openChat(run)
			if err != nil {
				return err
			}
			return talk(cmd.Context(), m, format, cfg, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&run, "run", run, "the run's directory")
	f.Float64Var(&cfg.Temperature, "temperature", 0, "0 takes the likeliest answer; higher is bolder")
	f.Uint64Var(&cfg.Seed, "seed", 1, "the same seed gives the same answers")
	return cmd
}

func openChat(run string) (*gpt.Model, *chat.Format, error) {
	m, err := gpt.Open(run)
	if err != nil {
		return nil, nil, err
	}
	tok, err := openTokenizer(run, m)
	if err != nil {
		return nil, nil, err
	}
	format, err := chat.NewFormat(tok)
	return m, format, err
}

// openTokenizer reads the tokenizer beside a model and holds the two against each other.
func openTokenizer(folder string, m *gpt.Model) (tokens.Tokenizer, error) {
	tok, err := tokens.Open(folder)
	if err != nil {
		return nil, err
	}
	if tok.Len() > m.Config.VocabSize {
		return nil, fmt.Errorf("%s: the vocabulary has %d tokens, the weights know %d: they don't belong together", folder, tok.Len(), m.Config.VocabSize)
	}
	return tok, nil
}

// talk answers line by line.
func talk(ctx context.Context, m *gpt.Model, format *chat.Format, cfg gpt.SampleConfig, in io.Reader, out io.Writer) error {
	cfg.Stop = []int32{format.End()}
	signal.Reset(os.Interrupt) // each reply has its own; in between it ends the program
	var history chat.Conversation
	lines := bufio.NewScanner(in)
	for fmt.Fprint(out, "> "); lines.Scan(); fmt.Fprint(out, "> ") {
		question := strings.TrimSpace(lines.Text())
		if question == "" {
			continue
		}
		said := append(history, chat.Message{Role: chat.User, Content: question})
		// Trainings fill no more than the context less answerTokens.
		prompt, err := format.Prompt(said, m.Config.Context-2*answerTokens)
		if err != nil { // a character that the model doesn't know, or too long a question
			fmt.Fprintln(out, err)
			continue
		}
		answer, err := reply(ctx, m, format, prompt, cfg, out)
		if err != nil {
			return err
		}
		history = append(said, chat.Message{Role: chat.Assistant, Content: answer})
	}
	fmt.Fprintln(out)
	return lines.Err()
}

// reply writes an answer as it comes, until its end or an interrupt.
func reply(ctx context.Context, m *gpt.Model, format *chat.Format, prompt []int32, cfg gpt.SampleConfig, out io.Writer) (string, error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	var answer strings.Builder
	stream := tokens.Stream{Tokenizer: format.Tokenizer()}
	cfg.Stream = func(texts [][]int32) error {
		t := texts[0]
		if n := len(t); n > 0 && t[n-1] == format.End() {
			t = t[:n-1]
		}
		piece, err := stream.Add(t...)
		answer.WriteString(piece)
		fmt.Fprint(out, piece)
		return err
	}
	_, err := m.Sample(ctx, [][]int32{prompt}, cfg)
	if errors.Is(err, context.Canceled) {
		fmt.Fprint(out, " …")
		err = nil
	}
	fmt.Fprintln(out)
	return answer.String(), err
}

// heldOut is how many conversations measure what the others taught.
const heldOut = 500

// trainChat trains on conversations, with the loss on answers alone, and ends with the share of answers that are right to the letter.
func trainChat(cmd *cobra.Command, cfg gpt.TrainConfig, source string, batch, steps, vocabulary int) error {
	list, held, err := readConversations(source, batch*steps)
	if err != nil {
		return err
	}
	tok, err := chat.Vocabulary(list, vocabulary)
	if err != nil {
		return err
	}
	if err := keepTokenizer(cfg.Run, tok); err != nil {
		return err
	}
	format, err := chat.NewFormat(tok)
	if err != nil {
		return err
	}
	cfg.Model.VocabSize = tok.Len()
	length := cfg.Model.Context - answerTokens
	if source == "made" {
		list, held = format.Fitting(list, length), format.Fitting(held, length)
	}
	data, err := format.NewBatches(list, chat.BatchConfig{Size: batch, Length: length, Seed: cfg.Seed})
	if err != nil {
		return err
	}
	if cfg.Validation, err = format.NewBatches(held, chat.BatchConfig{Size: min(batch, len(held)), Length: length}); err != nil {
		return fmt.Errorf("the conversations held out: %w", err)
	}
	m, err := gpt.Train(cmd.Context(), cfg, data)
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
	cmd.Printf("run:  %s\nnext: genlab chat gpt --run %s\n", cfg.Run, quote(cfg.Run))
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
