package command

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"genlab/lib/data/chat"
	"genlab/lib/models/gpt"
)

// interrupter is a terminal at which somebody presses Ctrl-C when the first letters of the first answer come.
type interrupter struct {
	strings.Builder
	t       *testing.T
	pressed bool
}

func (w *interrupter) Write(p []byte) (int, error) {
	if s := string(p); !w.pressed && s != "> " && strings.TrimSpace(s) != "" {
		w.pressed = true
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err != nil {
			w.t.Error(err)
		}
		time.Sleep(100 * time.Millisecond) // until it has arrived
	}
	return w.Builder.Write(p)
}

// Ctrl-C stops the answer and not the talk; a question that the vocabulary can't write, or that is too long, is told and passed over.
func TestTalk(t *testing.T) {
	list := []chat.Conversation{{{Role: chat.User, Content: "abcdefgh"}, {Role: chat.Assistant, Content: "ijkl?"}}}
	tok, err := chat.Vocabulary(list, 0)
	if err != nil {
		t.Fatal(err)
	}
	format, err := chat.NewFormat(tok)
	if err != nil {
		t.Fatal(err)
	}
	c := gpt.Tiny(tok.Len())
	c.Context = 128
	m, err := gpt.New(c, 1)
	if err != nil {
		t.Skip(err)
	}
	questions := "abc\n\nab~\n" + strings.Repeat("a", 200) + "\nabcd\n"
	out := &interrupter{t: t}
	if err := talk(t.Context(), m, format, gpt.SampleConfig{Tokens: 40, ChunkTokens: 4}, strings.NewReader(questions), out); err != nil {
		t.Fatal(err)
	}
	turns := strings.Split(out.String(), "> ")
	if len(turns) != 7 {
		t.Fatalf("%d turns: %q", len(turns), turns)
	}
	if first := strings.TrimSpace(turns[1]); !strings.HasSuffix(first, " …") || len([]rune(first)) > 20 {
		t.Errorf("the first answer wasn't stopped: %q", first)
	}
	if !strings.Contains(turns[3], "~") || !strings.Contains(turns[4], "fewer words") {
		t.Errorf("questions that can't be asked: %q, %q", turns[3], turns[4])
	}
	if last := strings.TrimRight(turns[5], "\n"); len([]rune(last)) < 30 && !strings.Contains(turns[5], "\n") {
		t.Errorf("the talk didn't go on: %q", turns[5])
	}
}
