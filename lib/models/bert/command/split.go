package command

import (
	"regexp"
	"strings"
)

var (
	paragraphEnd = regexp.MustCompile(`\n[ \t\r]*\n`)
	sentenceEnd  = regexp.MustCompile(`[.?!]["')\]]*\s+`)
)

// paragraphs are a text's, without what is blank.
func paragraphs(text string) []string { return tidy(paragraphEnd.Split(text, -1)) }

// sentences are a text's, cut after full stops and their like.
func sentences(text string) []string {
	var list []string
	for _, p := range paragraphs(text) {
		from := 0
		for _, end := range sentenceEnd.FindAllStringIndex(p, -1) {
			list, from = append(list, p[from:end[1]]), end[1]
		}
		list = append(list, p[from:])
	}
	return tidy(list)
}

// lines are a text's, without blank ones.
func lines(text string) []string { return tidy(strings.Split(text, "\n")) }

// tidy makes all white space single blanks and leaves out what is blank.
func tidy(parts []string) []string {
	var list []string
	for _, p := range parts {
		if p = strings.Join(strings.Fields(p), " "); p != "" {
			list = append(list, p)
		}
	}
	return list
}
