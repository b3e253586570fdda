package chat

import (
	"fmt"
	"slices"
	"strings"

	"genlab/lib/data/text"
	"genlab/lib/data/tokens"
)

// What stands between messages: before a question, before an answer, after an answer. Control characters, which no message has.
const (
	asks    = "\x02"
	answers = "\x03"
	ends    = "\x04"
)

// Marks are the characters that a vocabulary needs beside those of the messages.
const Marks = asks + answers + ends

// Format turns conversations into tokens.
type Format struct {
	tokenizer           tokens.Tokenizer
	asks, answers, ends int32
}

// NewFormat takes a tokenizer that has the marks, each as one token.
func NewFormat(t tokens.Tokenizer) (*Format, error) {
	f := &Format{tokenizer: t}
	for mark, id := range map[string]*int32{asks: &f.asks, answers: &f.answers, ends: &f.ends} {
		ids, err := t.Encode(mark)
		if err != nil || len(ids) != 1 {
			return nil, fmt.Errorf("chat: the vocabulary has no token for the mark %q: this model wasn't trained on conversations", mark)
		}
		*id = ids[0]
	}
	return f, nil
}

// Vocabulary is for the characters of conversations and the marks, or, where a size is given, a byte-level BPE vocabulary learnt from
// the conversations.
func Vocabulary(list []Conversation, size int) (tokens.Tokenizer, error) {
	var all strings.Builder
	for _, c := range list {
		all.WriteString(c.Key())
	}
	if size > 0 {
		return tokens.Learn(all.String(), size)
	}
	return text.NewVocab(all.String() + Marks), nil
}

// Fitting are the conversations of at most length tokens.
func (f *Format) Fitting(list []Conversation, length int) []Conversation {
	return slices.DeleteFunc(slices.Clone(list), func(c Conversation) bool {
		ids, _, err := f.Encode(c)
		return err == nil && len(ids) > length
	})
}

// End is the token that ends an answer.
func (f *Format) End() int32 { return f.ends }

// Tokenizer is what the format was made of.
func (f *Format) Tokenizer() tokens.Tokenizer { return f.tokenizer }

// Encode gives a conversation's tokens, and which of them are an answer's, its end included.
func (f *Format) Encode(c Conversation) (ids []int32, answer []bool, err error) {
	for _, m := range c {
		text, err := f.tokenizer.Encode(m.Content)
		if err != nil {
			return nil, nil, err
		}
		mark, said := f.asks, m.Role == Assistant
		if said {
			mark, text = f.answers, append(text, f.ends)
		}
		ids, answer = append(ids, mark), append(answer, false)
		for _, t := range text {
			ids, answer = append(ids, t), append(answer, said)
		}
	}
	return ids, answer, nil
}

// Prompt is what the next answer follows: the conversation so far, without its first turns if it would have more than limit tokens.
// The last message is a question.
func (f *Format) Prompt(c Conversation, limit int) ([]int32, error) {
	for {
		ids, _, err := f.Encode(c)
		if err != nil {
			return nil, err
		}
		if len(ids) < limit {
			return append(ids, f.answers), nil
		}
		if len(c) < 3 {
			return nil, fmt.Errorf("chat: the question has %d tokens, the model takes %d: ask in fewer words", len(ids), limit)
		}
		c = c[2:]
	}
}

// Text is an answer's text, without its end.
func (f *Format) Text(answer []int32) (string, error) {
	if n := len(answer); n > 0 && answer[n-1] == f.ends {
		answer = answer[:n-1]
	}
	s := tokens.Stream{Tokenizer: f.tokenizer}
	return s.Add(answer...)
}
