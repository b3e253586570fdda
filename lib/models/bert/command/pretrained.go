package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"genlab/lib/data/fetch"
	"genlab/lib/data/wordpiece"
	"genlab/lib/models/bert"
)

// folderOf is the folder that a name stands for: of fetched weights, else a path.
func folderOf(name string) (string, error) {
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	if s, err := fetch.Find(name); err == nil {
		return s.Folder()
	}
	return "", fmt.Errorf("%s is neither a folder nor the name of fetched weights: see genlab data", name)
}

// opened is a model with its tokenizer.
type opened struct {
	*bert.Model
	tok     *wordpiece.Tokenizer
	longest int // pieces of a text, with [CLS] and [SEP]
}

// open reads a run's model, a folder of Hugging Face's or fetched weights.
func open(name string) (*opened, error) {
	folder, err := folderOf(name)
	if err != nil {
		return nil, err
	}
	read := bert.Open
	if isPublished(folder) {
		read = bert.OpenPretrained
	}
	m, err := read(folder)
	if err != nil {
		return nil, err
	}
	tok, err := wordpiece.Open(folder)
	if err != nil {
		return nil, err
	}
	if tok.Len() != m.Config.VocabSize {
		return nil, fmt.Errorf("%s: the vocabulary has %d pieces, the weights are for %d: they must be as many", folder, tok.Len(), m.Config.VocabSize)
	}
	o := &opened{m, tok, m.Config.Longest()}
	raw, err := os.ReadFile(filepath.Join(folder, "sentence_bert_config.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return o, nil
	}
	var sentences struct {
		Longest int `json:"max_seq_length"`
	}
	if err == nil {
		err = json.Unmarshal(raw, &sentences)
	}
	if err != nil {
		return nil, fmt.Errorf("reading how long sentences may be: %w", err)
	}
	if sentences.Longest > 2 {
		o.longest = min(o.longest, sentences.Longest)
	}
	return o, nil
}

// isPublished says whether a folder's config.json is of Hugging Face's kind, not a run's.
func isPublished(folder string) bool {
	raw, err := os.ReadFile(filepath.Join(folder, "config.json"))
	var c struct {
		ModelType string `json:"model_type"`
	}
	return err == nil && json.Unmarshal(raw, &c) == nil && c.ModelType != ""
}

// windows are a question's for the model.
func (o *opened) windows(question, passage string, length, stride int) ([]bert.Window, []wordpiece.Window, error) {
	cut, err := o.tok.Windows(question, passage, min(length, o.Config.Longest()), stride)
	if err != nil {
		return nil, nil, err
	}
	list := make([]bert.Window, len(cut))
	for i, w := range cut {
		list[i] = bert.Window{Pieces: w.IDs(), Types: w.Types, Passage: w.Passage}
	}
	return list, cut, nil
}
