// Package helppages has the help pages of LibreOffice in English, Russian and German (`genlab data help-pages`) as pairs of texts: real sentences
// that people translated, aligned by the names that paragraphs have in every language.
package helppages

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"genlab/lib/data/fetch"
	"genlab/lib/data/translation"
)

// Set is the name of what is fetched.
const Set = "help-pages"

// Corpus is the pairs of English texts and their translations.
type Corpus struct {
	// Learn, Validation and Test are of different pages, and no text of one is nearly one of another.
	Learn, Validation, Test []translation.Pair
	Pages                   int
	LeftOut                 []Count // what was cleaned away, and why
}

// Count is how many pairs were left out for a reason.
type Count struct {
	Why   string
	Pairs int
}

// Load reads the pages that were fetched and pairs their English paragraphs with those of a language.
func Load(to translation.Language) (*Corpus, error) {
	if to != translation.Russian && to != translation.German {
		return nil, fmt.Errorf("helppages: target is %q: it must be %q or %q", to, translation.Russian, translation.German)
	}
	folder, err := fetch.Folder(Set)
	if err != nil {
		return nil, fmt.Errorf("helppages: %w", err)
	}
	var sides [2]map[string]page
	for i, language := range []string{"en", string(to)} {
		path := filepath.Join(folder, language+".tar")
		if sides[i], err = readPages(path); err != nil {
			return nil, fmt.Errorf("helppages: %s: %w", path, err)
		}
	}
	return align(sides[0], sides[1], to), nil
}

// heldOutOf is how many pages there are to one of validation and one of test.
const heldOutOf = 12

// near is the likeness from which two texts can't stand on both sides of a split, see [translation.Memory].
const near = 0.7

// align pairs paragraphs by page and name, cleans the pairs, and splits them by page.
func align(english, other map[string]page, to translation.Language) *Corpus {
	c := &Corpus{}
	left, seen := map[string]int{}, map[translation.Pair]bool{}
	for _, name := range slices.Sorted(maps.Keys(english)) { // an order of its own, for which of two duplicates stays
		foreign, ok := other[name]
		if !ok {
			continue
		}
		c.Pages++
		side := &c.Learn
		h := fnv.New32a()
		fmt.Fprint(h, name) // which never fails
		switch h.Sum32() % heldOutOf {
		case 0:
			side = &c.Test
		case 1:
			side = &c.Validation
		}
		for _, p := range english[name] {
			target, ok := foreign.text(p.id)
			if !ok {
				continue
			}
			pair := translation.Pair{Source: p.text, Target: target}
			why := unfit(pair, to)
			if why == "" && seen[pair] {
				why = "seen before"
			}
			if why != "" {
				left[why]++
				continue
			}
			seen[pair] = true
			*side = append(*side, pair)
		}
	}
	for _, held := range []*[]translation.Pair{&c.Validation, &c.Test} {
		apart := translation.Apart(*held, c.Learn, near)
		left["held out, and nearly a text that is learned from"] += len(*held) - len(apart)
		*held = apart
	}
	apart := translation.Apart(c.Validation, c.Test, near)
	left["held out, and nearly a text that is learned from"] += len(c.Validation) - len(apart)
	c.Validation = apart
	for why, n := range left {
		c.LeftOut = append(c.LeftOut, Count{why, n})
	}
	slices.SortFunc(c.LeftOut, func(a, b Count) int { return cmp.Or(b.Pairs-a.Pairs, strings.Compare(a.Why, b.Why)) })
	return c
}

// longest is the longest text of a pair, in words: longer ones are whole lists and tables, and few.
const longest = 60

// unfit says why a pair is none to learn from, or nothing.
func unfit(p translation.Pair, to translation.Language) string {
	source, target := len(strings.Fields(p.Source)), len(strings.Fields(p.Target))
	switch {
	case !wordy(p.Source) || !wordy(p.Target):
		return "no words: formulas, keys, numbers"
	case p.Source == p.Target:
		return "not translated"
	case max(source, target) > longest:
		return fmt.Sprintf("longer than %d words", longest)
	case !in(p.Target, to):
		return "in another language"
	case source > 3*target+3 || target > 3*source+3:
		return "much longer on one side"
	}
	return ""
}

// wordy says whether most of a text's characters are letters.
func wordy(text string) bool {
	letters, all := 0, 0
	for _, r := range text {
		if unicode.IsSpace(r) {
			continue
		}
		all++
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters > 2 && 3*letters >= 2*all
}

// Words that mark a language where its letters don't.
var (
	englishWords = wordSet("the of and is are to for with this that you your it if from by or be can not on when which has")
	germanWords  = wordSet("der die das und ist sind zu für mit dieser diese dieses dass sie ihr ihre es wenn aus von oder werden kann nicht auf den dem des ein eine einen einer wird im als")
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// in says whether a text is in a language: Russian has mostly letters of its own, German more of its small words than of the English ones.
func in(text string, language translation.Language) bool {
	if language == translation.Russian {
		cyrillic, latin := 0, 0
		for _, r := range text {
			switch {
			case unicode.Is(unicode.Cyrillic, r):
				cyrillic++
			case unicode.Is(unicode.Latin, r):
				latin++
			}
		}
		return cyrillic > latin
	}
	english, german := 0, 0
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		word = strings.Trim(word, ".,:;()\"“„")
		if englishWords[word] {
			english++
		}
		if germanWords[word] {
			german++
		}
	}
	return english <= german
}
