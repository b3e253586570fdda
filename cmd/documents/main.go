// Command documents renews the tables that README.md and docs/article.md have from the models' declarations, between marks:
//
//	go run ./cmd/documents          # from the checkout's root
//	go run ./cmd/documents -check   # changes nothing, fails where one is stale
package main

import (
	"cmp"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"genlab/cmd/genlab/models"
)

func main() {
	log.SetFlags(0)
	check := flag.Bool("check", false, "change nothing, fail where a table is stale")
	flag.Parse()
	for _, table := range []struct {
		document string
		make     func() string
	}{{"README.md", readme}, {"docs/article.md", article}} {
		if err := renew(table.document, table.make(), *check); err != nil {
			log.Fatal(err)
		}
	}
}

// renew puts a table between a document's marks.
func renew(document, table string, check bool) error {
	const begin, end = "<!-- models -->\n", "<!-- end of models -->"
	raw, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	head, rest, begins := strings.Cut(string(raw), begin)
	before, tail, ends := strings.Cut(rest, end)
	switch {
	case !begins || !ends:
		return fmt.Errorf("%s lacks the marks %s and %s", document, strings.TrimSpace(begin), end)
	case before == table:
		return nil
	case check:
		return fmt.Errorf("%s: the table of models is stale: make documents", document)
	}
	return renameio.WriteFile(document, []byte(head+begin+table+end+tail), 0o644)
}

// readme has a row for each model that can be trained or fitted.
func readme() string {
	var b strings.Builder
	b.WriteString("| model | article's section | notebook | needs |\n| --- | --- | --- | --- |\n")
	for _, m := range models.Specs() {
		if m.Needs != "" {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.ID, m.Section, notebooks(m.Notebooks, ""), m.Needs)
		}
	}
	return b.String()
}

// article has a row for each heading of the article.
func article() string {
	type row struct {
		heading, state      string
		packages, notebooks []string
	}
	var rows []*row
	for _, m := range models.Specs() {
		if m.Heading == "" {
			continue
		}
		i := slices.IndexFunc(rows, func(r *row) bool { return r.heading == m.Heading })
		if i < 0 {
			i = len(rows)
			rows = append(rows, &row{heading: m.Heading, state: m.State})
		}
		r, folder := rows[i], "lib/models/"+cmp.Or(m.Folder, m.ID)
		if link := fmt.Sprintf("[%s](../%s)", folder, folder); !slices.Contains(r.packages, link) {
			r.packages = append(r.packages, link)
		}
		for _, n := range m.Notebooks {
			if !slices.Contains(r.notebooks, n) {
				r.notebooks = append(r.notebooks, n)
			}
		}
		slices.Sort(r.notebooks)
	}
	var b strings.Builder
	b.WriteString("| article's section | package | notebook | state |\n| --- | --- | --- | --- |\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.heading, strings.Join(r.packages, ", "), notebooks(r.notebooks, "../"), r.state)
	}
	return b.String()
}

// notebooks are links.
func notebooks(names []string, up string) string {
	links := make([]string, len(names))
	for i, n := range names {
		links[i] = fmt.Sprintf("[%s](%snotebooks/%s.ipynb)", n, up, n)
	}
	return strings.Join(links, ", ")
}
