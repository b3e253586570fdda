// Package squad reads questions on passages in the format of SQuAD (Rajpurkar, Jia & Liang, "Know what you don't know: unanswerable
// questions for SQuAD", 2018), makes such questions, and turns them into batches.
package squad

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/google/renameio/v2"

	"genlab/lib/data/files"
)

// Question asks for a part of its passage, or for what the passage doesn't say.
type Question struct {
	ID, Text, Passage string
	Answers           []Answer // none: the passage has no answer
}

// Answer is a part of a passage.
type Answer struct {
	Text  string
	First int // byte of the passage that it begins at
}

// The file's layout. Places are characters there.
type (
	file struct {
		Version string    `json:"version"`
		Data    []article `json:"data"`
	}
	article struct {
		Title      string      `json:"title"`
		Paragraphs []paragraph `json:"paragraphs"`
	}
	paragraph struct {
		Context string `json:"context"`
		QAs     []qa   `json:"qas"`
	}
	qa struct {
		ID         string   `json:"id"`
		Question   string   `json:"question"`
		Answers    []answer `json:"answers"`
		Impossible bool     `json:"is_impossible"`
	}
	answer struct {
		Text  string `json:"text"`
		Start int    `json:"answer_start"`
	}
)

const largest = 1 << 30 // bytes of a file

// Read reads a file of SQuAD 1.1 or 2.0. An answer that isn't where the file says it is, is an error.
func Read(path string) ([]Question, error) {
	raw, err := files.Read(path, largest)
	if err != nil {
		return nil, err
	}
	var f file
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("%s isn't a file of SQuAD: %w", path, err)
	}
	var list []Question
	for _, a := range f.Data {
		for _, p := range a.Paragraphs {
			for _, q := range p.QAs {
				question := Question{ID: q.ID, Text: q.Question, Passage: p.Context}
				for _, one := range q.Answers {
					first, ok := byteOf(p.Context, one.Start)
					if q.Impossible || !ok || one.Text == "" || !strings.HasPrefix(p.Context[first:], one.Text) {
						return nil, fmt.Errorf("%s: question %s: the answer %q doesn't stand at character %d of its passage", path, q.ID, one.Text, one.Start)
					}
					question.Answers = append(question.Answers, Answer{one.Text, first})
				}
				list = append(list, question)
			}
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s has no question", path)
	}
	return list, nil
}

// byteOf is where a character begins.
func byteOf(text string, character int) (at int, ok bool) {
	for i := range text {
		if character == 0 {
			return i, true
		}
		character--
	}
	return 0, false
}

// Write writes a file that [Read] reads, SQuAD 2.0.
func Write(path string, list []Question) error {
	f := file{Version: "v2.0", Data: []article{{}}}
	for _, q := range list {
		one := qa{ID: q.ID, Question: q.Text, Answers: []answer{}, Impossible: len(q.Answers) == 0}
		for _, a := range q.Answers {
			one.Answers = append(one.Answers, answer{a.Text, utf8.RuneCountInString(q.Passage[:a.First])})
		}
		f.Data[0].Paragraphs = append(f.Data[0].Paragraphs, paragraph{q.Passage, []qa{one}})
	}
	raw, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("squad: encoding the questions: %w", err)
	}
	return renameio.WriteFile(path, append(raw, '\n'), os.FileMode(0o644))
}
