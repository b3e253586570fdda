package translation

import (
	"regexp"
	"strings"
	"unicode"
)

// Mistake is a kind of difference between a translation and the one that people made.
type Mistake string

// The kinds of mistakes, the gravest first: a text counts for the first that fits.
const (
	Repeats      Mistake = "says a word or two over and over"
	TooShort     Mistake = "leaves more than a third out"
	TooLong      Mistake = "is longer by more than a third"
	LosesFigures Mistake = "has other numbers"
	LeavesWords  Mistake = "leaves words of the source as they are"
	Different    Mistake = "has less than half of the words"
	Close        Mistake = "has at least half of the words"
	Right        Mistake = "none: right to the letter"
)

// Mistakes are all kinds, the gravest first.
var Mistakes = []Mistake{Repeats, TooShort, TooLong, LosesFigures, LeavesWords, Different, Close, Right}

// MistakeOf tells the kind of a translation's mistake by its letters: it knows nothing of the meaning.
func MistakeOf(p Pair, output string) Mistake {
	got, want := words(output), words(p.Target)
	left := 0 // words of the source that the right translation doesn't keep
	kept := count(want)
	foreign := count(words(p.Source))
	for word := range count(got) {
		if foreign[word] > 0 && kept[word] == 0 && len([]rune(word)) > 2 {
			left++
		}
	}
	switch {
	case output == p.Target:
		return Right
	case repeats(got) && !repeats(want):
		return Repeats
	case 3*len(got) < 2*len(want):
		return TooShort
	case 3*len(got) > 4*len(want)+3:
		return TooLong
	case strings.Join(digits.FindAllString(output, -1), " ") != strings.Join(digits.FindAllString(p.Target, -1), " "):
		return LosesFigures
	case left > 0:
		return LeavesWords
	}
	common := 0
	for word, n := range count(got) {
		common += min(n, kept[word])
	}
	if 2*common < len(want) {
		return Different
	}
	return Close
}

var digits = regexp.MustCompile(`\d+`)

func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func count(words []string) map[string]int {
	counts := map[string]int{}
	for _, w := range words {
		counts[w]++
	}
	return counts
}

// repeats says whether one word or two come three times in a row.
func repeats(words []string) bool {
	for n := 1; n <= 2; n++ {
		for i := 0; i+3*n <= len(words); i++ {
			first := strings.Join(words[i:i+n], " ")
			if first == strings.Join(words[i+n:i+2*n], " ") && first == strings.Join(words[i+2*n:i+3*n], " ") {
				return true
			}
		}
	}
	return false
}
