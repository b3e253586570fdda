// Package chat makes training data of conversations: made ones whose answers can be checked, or a user's own from JSON lines.
package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"genlab/lib/data/decode"
	"genlab/lib/data/files"
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
	f, _, err := files.Open(path)
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
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	text, err := decode.Text(raw)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		return nil, errors.New("it is one JSON array: write one conversation a line, without brackets around and commas between (JSON lines)")
	}
	var list []Conversation
	n := 0
	for text := range strings.Lines(text) {
		n++
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			return nil, fmt.Errorf("line %d isn't JSON of a conversation: %w", n, err)
		}
		if l.Messages == nil {
			var other map[string]any
			_ = json.Unmarshal([]byte(text), &other) // it was an object a moment ago
			return nil, fmt.Errorf("line %d has no messages, but %q: want {\"messages\": [{\"role\": \"user\", \"content\": …}, …]}", n, slices.Sorted(maps.Keys(other)))
		}
		if err := l.Messages.Validate(); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		list = append(list, l.Messages)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("there is no conversation in it")
	}
	return list, nil
}

// Split holds the last conversations out, a tenth, at most n and at least one, each once: one that comes twice is learnt or measured,
// not both.
func Split(list []Conversation, most int) (learn, held []Conversation, err error) {
	var keys []string
	seen := map[string]bool{}
	for _, c := range list {
		if key := c.Key(); !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	cut := len(keys) - max(1, min(most, len(keys)/10))
	if cut < 1 {
		return nil, nil, fmt.Errorf("%d different conversations: it needs two at least, one to measure on", len(keys))
	}
	out := map[string]bool{} // held out, and whether it is there already
	for _, key := range keys[cut:] {
		out[key] = false
	}
	for _, c := range list {
		key := c.Key()
		switch there, is := out[key]; {
		case !is:
			learn = append(learn, c)
		case !there:
			held, out[key] = append(held, c), true
		}
	}
	return learn, held, nil
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
