package tokens

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// special is a token that stands in a text as it is, such as <|endoftext|>: what Hugging Face's tokenizers call an added one. It is
// taken out of the text before this is cut into pieces.
type special struct {
	text        string
	id          int32
	word        bool // only where no letter, digit or underscore touches it
	left, right bool // with the spaces on that side
	late        bool // after those that aren't
}

// part is a special token, or text between two.
type part struct {
	text string
	id   int32 // -1 for text
}

// cutSpecial takes the special tokens out of a text.
func (b *BPE) cutSpecial(text string) []part {
	switch {
	case text == "":
		return nil
	case !b.anySpecial:
		return []part{{text, -1}}
	}
	parts := []part{{text, -1}}
	for _, late := range []bool{false, true} {
		var cut []part
		for _, p := range parts {
			if p.id >= 0 {
				cut = append(cut, p)
			} else {
				cut = append(cut, b.cutAt(p.text, late)...)
			}
		}
		parts = cut
	}
	return parts
}

// cutAt takes out those that are late, or those that are not: at each place the longest.
func (b *BPE) cutAt(text string, late bool) []part {
	var parts []part
	done := 0 // up to here the text is in parts
	for at := 0; at < len(text); {
		s, ok := b.specialAt(text[at:], late)
		if !ok {
			at++
			continue
		}
		start, end := at, at+len(s.text)
		at = end
		if s.word && (touchesWord(text[:start], true) || touchesWord(text[end:], false)) {
			continue
		}
		if s.left {
			start = max(done, len(strings.TrimRightFunc(text[:start], unicode.IsSpace)))
		}
		if s.right {
			end = len(text) - len(strings.TrimLeftFunc(text[end:], unicode.IsSpace))
		}
		if start < done { // in the spaces of the one before
			continue
		}
		if start > done {
			parts = append(parts, part{text[done:start], -1})
		}
		parts = append(parts, part{text[start:end], s.id})
		done = end
	}
	if done < len(text) {
		parts = append(parts, part{text[done:], -1})
	}
	return parts
}

// specialAt is the longest special token that a text begins with.
func (b *BPE) specialAt(text string, late bool) (special, bool) {
	for _, s := range b.special[text[0]] {
		if s.late == late && strings.HasPrefix(text, s.text) {
			return s, true
		}
	}
	return special{}, false
}

// addSpecial makes a token special; of one text, the first counts.
func (b *BPE) addSpecial(s special) {
	b.anySpecial = true
	first := s.text[0]
	if slices.ContainsFunc(b.special[first], func(o special) bool { return o.text == s.text }) {
		return
	}
	b.special[first] = append(b.special[first], s)
	slices.SortStableFunc(b.special[first], func(x, y special) int { return len(y.text) - len(x.text) })
}

// touchesWord says whether a text ends, or begins, with what Rust's expressions call \w.
func touchesWord(text string, ends bool) bool {
	r, n := utf8.DecodeRuneInString(text)
	if ends {
		r, n = utf8.DecodeLastRuneInString(text)
	}
	return n > 0 && unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic, unicode.Join_Control)
}
