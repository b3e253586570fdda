// Package tokens turns text into numbers and back, by characters or by byte-level byte-pair encoding, and keeps the way to do so
// beside a model.
package tokens

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/google/renameio/v2"

	"genlab/lib/data/decode"
	"genlab/lib/data/files"
	"genlab/lib/data/text"
)

// Tokenizer numbers the pieces of a text. [text.Vocab] is one, of characters; [BPE] another.
type Tokenizer interface {
	// Len is the number of tokens.
	Len() int
	Encode(text string) ([]int32, error)
	// Decode joins what tokens stand for. A piece of a character may stand at either end: see [Stream].
	Decode(tokens []int32) (string, error)
}

const charactersFile = "characters.json"

// Save writes a tokenizer into a folder: characters.json, or GPT-2's vocab.json and merges.txt.
func Save(folder string, t Tokenizer) error {
	switch t := t.(type) {
	case *text.Vocab:
		raw, err := json.Marshal(t.String())
		if err != nil {
			return fmt.Errorf("tokens: encoding the characters: %w", err)
		}
		return renameio.WriteFile(filepath.Join(folder, charactersFile), append(raw, '\n'), 0o644)
	case *BPE:
		return t.save(folder)
	}
	return fmt.Errorf("tokens: a %T can't be saved: it must be a *text.Vocab or a *tokens.BPE", t)
}

// Open reads the tokenizer of a folder: a run's, or a published model's, with Hugging Face's tokenizer.json or vocab.json and
// merges.txt and the special tokens beside them.
func Open(folder string) (Tokenizer, error) {
	var characters string
	found, err := readJSON(folder, charactersFile, &characters)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return openHuggingFace(folder)
	case characters == "":
		return nil, fmt.Errorf("tokens: %s is damaged: it should be one JSON string of characters", filepath.Join(folder, charactersFile))
	}
	return text.NewVocab(characters), nil
}

// ReadText reads a file of text, UTF-8 or UTF-16, or all such files of a folder and those below it in the order of their paths, with an
// empty line between; links are followed, hidden files and files of another kind are passed over.
func ReadText(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		raw, err := files.Read(path, files.MaxText)
		if err != nil {
			return "", err
		}
		text, err := decode.Text(raw)
		if err != nil {
			return "", fmt.Errorf("tokens: %s: %w", path, err)
		}
		return text, nil
	}
	list, err := files.Walk(path)
	if err != nil {
		return "", err
	}
	var parts []string
	for _, p := range list {
		p = filepath.Join(path, p)
		if info, err := os.Stat(p); err != nil || !info.Mode().IsRegular() { // a pipe, a link to nothing
			continue
		}
		raw, err := files.Read(p, files.MaxText)
		if err != nil {
			return "", err
		}
		if text, err := decode.Text(raw); err == nil {
			parts = append(parts, text)
		}
	}
	if len(parts) == 0 {
		return "", fmt.Errorf("tokens: no file in %s is text", path)
	}
	return strings.Join(parts, "\n\n"), nil
}

// Stream decodes tokens as they come, holding back the first bytes of a character until its last.
type Stream struct {
	Tokenizer Tokenizer
	held      string
}

// Add gives the text that is whole with the given tokens.
func (s *Stream) Add(tokens ...int32) (string, error) {
	more, err := s.Tokenizer.Decode(tokens)
	if err != nil {
		return "", err
	}
	all := s.held + more
	cut := len(all)
	for back := 1; back < utf8.UTFMax && back <= len(all); back++ {
		if utf8.RuneStart(all[len(all)-back]) {
			if !utf8.FullRuneInString(all[len(all)-back:]) {
				cut -= back
			}
			break
		}
	}
	s.held = all[cut:]
	return strings.ToValidUTF8(all[:cut], "\ufffd"), nil
}

// Stopper passes text on until one of its stop strings, however the pieces are cut.
type Stopper struct {
	Stops []string
	held  string // what may be the beginning of one
	ended bool
}

// Add gives the text that may be shown, and whether a stop string has come, which isn't part of it.
func (s *Stopper) Add(piece string) (show string, ended bool) {
	if s.ended {
		return "", true
	}
	all := s.held + piece
	end, hold := -1, 0
	for _, stop := range s.Stops {
		if stop == "" {
			continue
		}
		if at := strings.Index(all, stop); at >= 0 && (end < 0 || at < end) {
			end = at
		}
		for n := min(len(stop)-1, len(all)); n > hold; n-- {
			if strings.HasSuffix(all, stop[:n]) {
				hold = n
			}
		}
	}
	if end >= 0 {
		s.held, s.ended = "", true
		return all[:end], true
	}
	s.held = all[len(all)-hold:]
	return all[:len(all)-hold], false
}

// Rest is what was held back when no more text comes.
func (s *Stopper) Rest() string {
	rest := s.held
	s.held = ""
	return rest
}
