package tokens

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pieces cuts a text where no token may reach across, by GPT-2's expression (encoder.py of its release):
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// Written out, for Go's expressions know no (?!…).
func pieces(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for text != "" {
			n := piece(text)
			if !yield(text[:n]) {
				return
			}
			text = text[n:]
		}
	}
}

// piece is the length of the first piece.
func piece(text string) int {
	for _, suffix := range []string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"} {
		if strings.HasPrefix(text, suffix) {
			return len(suffix)
		}
	}
	start := 0
	if text[0] == ' ' {
		start = 1
	}
	for _, class := range []func(rune) bool{unicode.IsLetter, unicode.IsNumber, isOther} {
		if n := run(text[start:], class); n > 0 {
			return start + n
		}
	}
	spaces := run(text, unicode.IsSpace)
	_, last := utf8.DecodeLastRuneInString(text[:spaces])
	if spaces < len(text) && spaces > last {
		return spaces - last // the last one goes with what follows
	}
	return spaces
}

func isOther(r rune) bool { return !unicode.IsSpace(r) && !unicode.IsLetter(r) && !unicode.IsNumber(r) }

// run is the length of the text's beginning that is all of a class.
func run(text string, class func(rune) bool) int {
	n := strings.IndexFunc(text, func(r rune) bool { return !class(r) })
	if n < 0 {
		return len(text)
	}
	return n
}
