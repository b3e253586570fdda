package wordpiece

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// char is a character as it is cut, and the bytes of the text that it came from.
type char struct {
	r            rune
	first, after int
}

// words makes a text even and splits it at white space, and before and after each sign. from is where it stands in the whole text.
func (t *Tokenizer) words(text string, from int) [][]char {
	var list [][]char
	var word []char
	split := func() {
		if len(word) > 0 {
			list, word = append(list, word), nil
		}
	}
	for _, c := range t.Options.even(text, from) {
		switch {
		case unicode.IsSpace(c.r):
			split()
		case isSign(c.r) || t.Options.Chinese && isChinese(c.r):
			split()
			list = append(list, []char{c})
		default:
			word = append(word, c)
		}
	}
	split()
	return list
}

// even is the text's characters as the options want them.
func (o Options) even(text string, from int) []char {
	list := make([]char, 0, len(text))
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		list = append(list, char{r, from + at, from + at + size})
		at += size
	}
	if o.Clean {
		list = clean(list)
	}
	if o.StripAccents == nil && o.Lowercase || o.StripAccents != nil && *o.StripAccents {
		list = stripAccents(list)
	}
	if o.Lowercase {
		list = lower(list)
	}
	return list
}

// clean leaves control characters out and makes all white space blanks.
func clean(list []char) []char {
	kept := list[:0]
	for _, c := range list {
		switch {
		case c.r == '\t' || c.r == '\n' || c.r == '\r' || unicode.IsSpace(c.r) && !isControl(c.r):
			c.r = ' '
		case c.r == 0 || c.r == utf8.RuneError || isControl(c.r):
			continue
		}
		kept = append(kept, c)
	}
	return kept
}

// stripAccents parts letters from their marks and leaves the marks out. Characters that are put in another order there are all marks.
func stripAccents(list []char) []char {
	kept := make([]char, 0, len(list))
	for _, c := range list {
		if c.r < utf8.RuneSelf {
			kept = append(kept, c)
			continue
		}
		for _, r := range norm.NFD.String(string(c.r)) {
			if !isMark(r) {
				kept = append(kept, char{r, c.first, c.after})
			}
		}
	}
	return kept
}

func lower(list []char) []char {
	kept := make([]char, 0, len(list))
	for _, c := range list {
		if c.r == 'İ' { // the only letter that becomes two
			kept = append(kept, char{'i', c.first, c.after}, char{'\u0307', c.first, c.after})
			continue
		}
		c.r = unicode.ToLower(c.r)
		kept = append(kept, c)
	}
	return kept
}

// isSign is for what stands alone: punctuation, and all else in ASCII that is no letter, digit or blank.
func isSign(r rune) bool {
	if r < utf8.RuneSelf {
		return r > ' ' && r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z' && r < 0x7f
	}
	return isPunctuation(r)
}

// isChinese is for the blocks of ideographs that BERT's authors list, and tokenizers after them.
func isChinese(r rune) bool {
	for _, block := range [][2]rune{
		{0x4e00, 0x9fff}, {0x3400, 0x4dbf}, {0x20000, 0x2a6df}, {0x2a700, 0x2b73f}, {0x2b740, 0x2b81f}, {0x2b920, 0x2ceaf}, {0xf900, 0xfaff},
		{0x2f800, 0x2fa1f},
	} {
		if r >= block[0] && r <= block[1] {
			return true
		}
	}
	return false
}
