package translation

import (
	"strings"
	"unicode"
)

// Memory finds the pair whose source is most like a text: a translation memory, which translates by what it has seen. Likeness is the share of
// words and of pairs of neighbouring words that two texts have in common (Dice's coefficient), from 0 to 1; case, figures and punctuation don't
// count.
type Memory struct {
	pairs []Pair
	sizes []int
	holds map[string][]int32 // places of the sources with that word, or pair of words
}

// NewMemory remembers pairs.
func NewMemory(pairs []Pair) *Memory {
	m := &Memory{pairs: pairs, sizes: make([]int, len(pairs)), holds: map[string][]int32{}}
	for i, p := range pairs {
		grams := likenessGrams(p.Source)
		m.sizes[i] = len(grams)
		for gram := range grams {
			m.holds[gram] = append(m.holds[gram], int32(i))
		}
	}
	return m
}

// Nearest gives the place of the pair whose source is most like the text, the first of several, and how like it is; −1 where no word is shared.
func (m *Memory) Nearest(text string) (place int, likeness float64) {
	common := make([]int32, len(m.pairs))
	grams := likenessGrams(text)
	for gram := range grams {
		for _, i := range m.holds[gram] {
			common[i]++
		}
	}
	place = -1
	for i, n := range common {
		if l := 2 * float64(n) / float64(len(grams)+m.sizes[i]); n > 0 && l > likeness {
			place, likeness = i, l
		}
	}
	return place, likeness
}

// Translate gives the translation of the nearest source, "" where no word is shared.
func (m *Memory) Translate(text string) string {
	if i, _ := m.Nearest(text); i >= 0 {
		return m.pairs[i].Target
	}
	return ""
}

// Apart gives those of the held-out pairs whose source and target are both less like any of what is learned than near: of texts that repeat one
// another, what is measured on the others would be memory.
func Apart(held, learn []Pair, near float64) []Pair {
	swapped := make([]Pair, len(learn))
	for i, p := range learn {
		swapped[i] = Pair{p.Target, p.Source}
	}
	sources, targets := NewMemory(learn), NewMemory(swapped)
	var apart []Pair
	for _, p := range held {
		_, source := sources.Nearest(p.Source)
		_, target := targets.Nearest(p.Target)
		if source < near && target < near {
			apart = append(apart, p)
		}
	}
	return apart
}

// likenessGrams are a text's words and pairs of words.
func likenessGrams(text string) map[string]bool {
	grams := map[string]bool{}
	last := ""
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		grams[word] = true
		if last != "" {
			grams[last+" "+word] = true
		}
		last = word
	}
	return grams
}
