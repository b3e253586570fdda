package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/chat"
	"genlab/lib/data/tokens"
	"genlab/lib/models/gpt"
)

// answerTokens is what the context keeps free for an answer.
const answerTokens = 16

// talking is what `chat gpt` takes.
type talking struct {
	Run         string  `flag:"run" help:"the run's directory"`
	Temperature float64 `flag:"temperature" help:"0 takes the likeliest answer; higher is bolder"`
	Seed        uint64  `flag:"seed" help:"the same seed gives the same answers"`
}

func newChat() *cobra.Command {
	c := talking{Run: "runs/chat", Seed: 1}
	cmd := &cobra.Command{
		Use:   "gpt",
		Short: "Talk with a GPT",
		Long: `Talk with a GPT that was trained with genlab train gpt --chat. Each line is a question; the talk so far counts, as far as the
model's context reaches. Ctrl-C stops an answer; Ctrl-D, or Ctrl-C at an empty line, ends the talk.`,
		Example: "  genlab chat gpt --run runs/chat",
		Args:    cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		m, format, err := openChat(c.Run)
		if err != nil {
			return err
		}
		cfg := gpt.SampleConfig{Tokens: answerTokens, ChunkTokens: 4, Temperature: c.Temperature, Seed: c.Seed}
		if err := asText(&cfg, c.Run, m, format.Tokenizer()); err != nil {
			return err
		}
		return talk(cmd.Context(), m, format, cfg, cmd.InOrStdin(), cmd.OutOrStdout())
	}
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

// talk answers line by line.
func talk(ctx context.Context, m *gpt.Model, format *chat.Format, cfg gpt.SampleConfig, in io.Reader, out io.Writer) error {
	cfg.Stop = append(cfg.Stop, format.End())
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
		if n := len(t); n > 0 && slices.Contains(cfg.Stop, t[n-1]) {
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
