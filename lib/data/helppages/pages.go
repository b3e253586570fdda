package helppages

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// page is a page's paragraphs, in order.
type page []paragraph

type paragraph struct{ id, text string }

// text is that of the paragraph of a name.
func (p page) text(id string) (string, bool) {
	for _, q := range p {
		if q.id == id {
			return q.text, true
		}
	}
	return "", false
}

// readPages reads the pages of a language from a package's files, by their path below its own folder.
func readPages(path string) (pages map[string]page, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	pages = map[string]page{}
	for archive := tar.NewReader(f); ; {
		header, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF):
			if len(pages) == 0 {
				return nil, errors.New("it has no page")
			}
			return pages, nil
		case err != nil:
			return nil, err
		}
		_, name, found := strings.Cut(header.Name, "/text/")
		if !found || !strings.HasSuffix(name, ".html") {
			continue
		}
		if pages[name], err = readPage(archive); err != nil {
			return nil, err
		}
	}
}

// readPage gives the paragraphs and headings that have a name, each as its text: no markup, no code, and of a place's alternatives the usual one.
func readPage(r io.Reader) (page, error) {
	var p page
	var open atom.Atom // the paragraph or heading that is being read
	var id, skip string
	var text strings.Builder
	skipped := 0 // elements that are open within one that is left out
	seen := map[string]bool{}
	for z := html.NewTokenizer(r); ; {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return nil, err
			}
			return p, nil
		case html.TextToken:
			if open != 0 && skip == "" {
				text.Write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			t := z.Token()
			switch {
			case kind == html.EndTagToken && t.DataAtom == open && open != 0:
				words := strings.Join(strings.Fields(html.UnescapeString(text.String())), " ")
				if words != "" && !seen[id] {
					seen[id] = true
					p = append(p, paragraph{id, words})
				}
				open, skip = 0, ""
			case open == 0 && kind == html.StartTagToken && slices.Contains(paragraphs, t.DataAtom):
				if name := attribute(t, "id"); name != "" && !strings.Contains(attribute(t, "class"), "code") {
					open, id = t.DataAtom, name
					text.Reset()
				}
			case open == 0:
			case skip != "" && t.Data == skip && kind == html.StartTagToken:
				skipped++
			case skip != "" && t.Data == skip && kind == html.EndTagToken:
				if skipped--; skipped == 0 {
					skip = ""
				}
			case skip == "" && kind == html.StartTagToken && t.DataAtom == atom.Span && variant(t) == "mac":
				skip, skipped = t.Data, 1
			case skip == "" && kind == html.StartTagToken && t.DataAtom == atom.Span && variant(t) == "other":
				open = 0 // what it says depends on what it is read in: no text of one meaning
			case t.DataAtom == atom.Br:
				text.WriteByte(' ')
			}
		}
	}
}

var paragraphs = []atom.Atom{atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6}

// variant says which of a place's alternatives a span is: all are there, and a script shows one. "" is the usual one, or no alternative.
func variant(t html.Token) string {
	id := attribute(t, "id")
	switch {
	case !slices.ContainsFunc(t.Attr, func(a html.Attribute) bool { return a.Key == "hidden" }), strings.HasPrefix(id, "default"):
		return ""
	case strings.HasPrefix(id, "MAC"):
		return "mac"
	}
	return "other"
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
