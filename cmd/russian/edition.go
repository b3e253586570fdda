package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
)

var (
	// heading begins the text of a cell.
	heading = regexp.MustCompile(`(?m)^<!-- cell (\S+?)(?: ([0-9a-f]{12}))? -->\n`)
	// kept is what both languages have alike: names and code between backticks, and where links lead.
	kept = regexp.MustCompile("`[^`\n]+`" + `|\]\([^)\s]+\)`)
	// notebookLink is a link to another notebook, by its name.
	notebookLink = regexp.MustCompile(`(\]\(|href=")([0-9a-z_]+)\.ipynb`)
)

// edition is one notebook's prose in Russian.
type edition []section

// section is the text of one cell.
type section struct{ cell, sum, text string }

// readEdition reads notebooks/ru/NAME.md; where there is none, nothing is translated yet.
func readEdition(path string) (edition, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e, err := parse(string(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

func parse(raw string) (edition, error) {
	var e edition
	at := heading.FindAllStringSubmatchIndex(raw, -1)
	if len(at) == 0 || at[0][0] != 0 {
		return nil, errors.New("it must begin with <!-- cell ID -->")
	}
	for i, m := range at {
		end := len(raw)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		s := section{cell: raw[m[2]:m[3]], text: strings.TrimSpace(raw[m[1]:end])}
		if m[4] >= 0 {
			s.sum = raw[m[4]:m[5]]
		}
		if e.find(s.cell) != nil {
			return nil, fmt.Errorf("cell %s stands twice", s.cell)
		}
		e = append(e, s)
	}
	return e, nil
}

// String is what parse reads.
func (e edition) String() string {
	var b strings.Builder
	for i, s := range e {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s\n%s\n", strings.TrimSuffix(fmt.Sprintf("<!-- cell %s %s", s.cell, s.sum), " ")+" -->", s.text)
	}
	return b.String()
}

func (e edition) find(cell string) *section {
	if i := slices.IndexFunc(e, func(s section) bool { return s.cell == cell }); i >= 0 {
		return &e[i]
	}
	return nil
}

// sum is the mark of a cell's English.
func sum(english string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(english)))[:12] }

// stamp gives the sections that have no sum yet that of the cell that stands now, and says whether there were any.
func (e edition) stamp(nb *notebook) (stamped bool) {
	for id, english := range nb.prose() {
		if s := e.find(id); s != nil && s.sum == "" {
			s.sum, stamped = sum(english), true
		}
	}
	return stamped
}

// problems says of which cells the text is missing, stale, or without something that both languages have alike, and which texts have
// no cell any more.
func (e edition) problems(nb *notebook) (list []string) {
	left := map[string]bool{}
	for _, s := range e {
		left[s.cell] = true
	}
	for id, english := range nb.prose() {
		s := e.find(id)
		delete(left, id)
		switch {
		case s == nil:
			list = append(list, "cell "+id+" is missing: "+firstLine(english))
		case s.sum != sum(english):
			list = append(list, "cell "+id+" is stale, or not stamped: "+firstLine(english))
		default:
			for _, k := range kept.FindAllString(english, -1) {
				if !strings.Contains(s.text, k) {
					list = append(list, fmt.Sprintf("cell %s lacks %s", id, k))
				}
			}
		}
	}
	for _, s := range e {
		if left[s.cell] {
			list = append(list, "cell "+s.cell+" is no more")
		}
	}
	return list
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// translate puts the texts in the place of the English; a cell without one keeps its own. Links lead to the Russian notebooks.
func (e edition) translate(nb *notebook) {
	for id, english := range nb.prose() {
		text := english
		if s := e.find(id); s != nil {
			text = s.text
		}
		nb.setProse(id, notebookLink.ReplaceAllString(text, "$1$2.ru.ipynb"))
	}
}
