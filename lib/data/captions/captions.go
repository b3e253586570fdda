// Package captions turns the texts that say what pictures show to numbers, word by word.
package captions

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Words cuts a caption into its words, in small letters, and its punctuation. The Russian ё becomes е, as most people write it.
func Words(caption string) []string {
	var b strings.Builder
	for _, r := range strings.ToLower(caption) {
		switch {
		case r == 'ё':
			r = 'е'
		case unicode.IsPunct(r) && r != '-' && r != '\'':
			b.WriteByte(' ')
			b.WriteRune(r)
			r = ' '
		}
		b.WriteRune(r)
	}
	return strings.Fields(b.String())
}

// Vocabulary is the words that a model knows, each once. A word's token is its place and 1 more: 0 is where a caption has ended.
type Vocabulary []string

// Of collects the words of captions, sorted.
func Of(captions ...string) Vocabulary {
	seen := map[string]bool{}
	var list Vocabulary
	for _, c := range captions {
		for _, w := range Words(c) {
			if !seen[w] {
				seen[w] = true
				list = append(list, w)
			}
		}
	}
	slices.Sort(list)
	return list
}

// Encode gives a caption's tokens, then zeros, length of both together. A caption without words or with more of them, and words that the
// vocabulary lacks, are errors; so nothing is left out in silence.
func (v Vocabulary) Encode(caption string, length int) ([]int32, error) {
	words := Words(caption)
	switch {
	case len(words) == 0:
		return nil, fmt.Errorf("captions: the caption is empty: it must have at least one word")
	case len(words) > length:
		return nil, fmt.Errorf("captions: caption %q has %d words: it must have at most %d", caption, len(words), length)
	}
	list := make([]int32, length)
	var unknown []string
	for i, w := range words {
		at := slices.Index(v, w)
		if at < 0 {
			unknown = append(unknown, w)
		}
		list[i] = int32(at + 1)
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("captions: caption %q has words that the model never saw: %s; it knows %s", caption, strings.Join(unknown, ", "), v.some())
	}
	return list, nil
}

// some names all words, or some of many.
func (v Vocabulary) some() string {
	const most = 200
	if len(v) <= most {
		return strings.Join(v, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(v[:most], " "), len(v)-most)
}

// EncodeAll is [Vocabulary.Encode] of each caption.
func (v Vocabulary) EncodeAll(captions []string, length int) ([][]int32, error) {
	list := make([][]int32, len(captions))
	for i, c := range captions {
		tokens, err := v.Encode(c, length)
		if err != nil {
			return nil, err
		}
		list[i] = tokens
	}
	return list, nil
}
