// Package chat makes training data of conversations: made ones whose answers can be checked, or a user's own from JSON lines.
package chat

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// The roles of a conversation.
const (
	User      = "user"
	Assistant = "assistant"
)

// Message is what one side says.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Conversation begins with the user; the sides take turns.
type Conversation []Message

// Validate reports what makes no conversation to learn from.
func (c Conversation) Validate() error {
	if len(c) < 2 {
		return fmt.Errorf("it has %d messages: it needs a question and an answer at least", len(c))
	}
	for i, m := range c {
		want := []string{User, Assistant}[i%2]
		switch {
		case m.Role != want:
			return fmt.Errorf("message %d has the role %q: it must be %q, for the two take turns and the user begins", i+1, m.Role, want)
		case strings.TrimSpace(m.Content) == "":
			return fmt.Errorf("message %d is empty", i+1)
		case strings.ContainsAny(m.Content, asks+answers+ends):
			return fmt.Errorf("message %d has one of the control characters U+0002, U+0003 and U+0004, which stand between messages", i+1)
		}
	}
	return nil
}

// Key is the conversation in one string, to tell equal ones.
func (c Conversation) Key() string {
	var b strings.Builder
	for _, m := range c {
		b.WriteString(m.Content + "\n")
	}
	return b.String()
}

// line is a conversation as files have it.
type line struct {
	Messages Conversation `json:"messages"`
}

// Open reads a file of JSON lines such as {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]}.
func Open(path string) ([]Conversation, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	list, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

// Read reads what [Open] describes.
func Read(r io.Reader) ([]Conversation, error) {
	var list []Conversation
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<24)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("line %d isn't JSON of a conversation: %w", n, err)
		}
		if err := l.Messages.Validate(); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		list = append(list, l.Messages)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("there is no conversation in it")
	}
	return list, nil
}

// Write writes conversations as JSON lines.
func Write(w io.Writer, list []Conversation) error {
	e := json.NewEncoder(w)
	for _, c := range list {
		if err := e.Encode(line{c}); err != nil {
			return fmt.Errorf("writing a conversation: %w", err)
		}
	}
	return nil
}
