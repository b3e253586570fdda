package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log"
	"os"
	"strings"

	"github.com/google/renameio/v2"
)

// notebook is a notebook's file, all of it.
type notebook struct{ file map[string]any }

func readNotebook(path string) (*notebook, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	nb := &notebook{}
	if err := d.Decode(&nb.file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return nb, nil
}

func (nb *notebook) cells() iter.Seq[map[string]any] {
	return func(yield func(map[string]any) bool) {
		list, _ := nb.file["cells"].([]any)
		for _, c := range list {
			if cell, ok := c.(map[string]any); ok && !yield(cell) {
				return
			}
		}
	}
}

// source joins a cell's lines, which a notebook may hold as a list.
func source(cell map[string]any) string {
	if lines, ok := cell["source"].([]any); ok {
		var b strings.Builder
		for _, l := range lines {
			fmt.Fprint(&b, l)
		}
		return b.String()
	}
	s, _ := cell["source"].(string)
	return s
}

// prose gives the id and the text of each cell of Markdown.
func (nb *notebook) prose() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for cell := range nb.cells() {
			if id, ok := cell["id"].(string); ok && cell["cell_type"] == "markdown" && !yield(id, source(cell)) {
				return
			}
		}
	}
}

func (nb *notebook) setProse(id, text string) {
	for cell := range nb.cells() {
		if cell["id"] != id {
			continue
		}
		var lines []any
		for line := range strings.Lines(text) {
			lines = append(lines, line)
		}
		cell["source"] = lines
	}
}

// sources is the mark of all that a notebook says, outputs aside.
func (nb *notebook) sources() string {
	var b strings.Builder
	for cell := range nb.cells() {
		fmt.Fprintln(&b, cell["cell_type"], source(cell))
	}
	return sum(b.String())
}

// made is the mark that a notebook was written with.
func (nb *notebook) made() string {
	metadata, _ := nb.file["metadata"].(map[string]any)
	made, _ := metadata["genlab_made"].(string)
	return made
}

// write puts the notebook beside the English one. A file that its reader has changed since it was made is left as it is, and so is one that
// has the same cells, with what they showed there.
func (nb *notebook) write(path string) error {
	there, err := readNotebook(path)
	switch {
	case errors.Is(err, fs.ErrNotExist): // made below
	case err != nil:
		return err
	case there.made() != there.sources():
		log.Printf("%s was changed by hand and is left as it is: move it away to have it made anew", path)
		return nil
	case there.made() == nb.sources():
		return nil
	}
	metadata, ok := nb.file["metadata"].(map[string]any)
	if !ok {
		return fmt.Errorf("%s: the notebook has no metadata", path)
	}
	metadata["genlab_made"] = nb.sources()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(nb.file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return renameio.WriteFile(path, b.Bytes(), 0o644)
}
