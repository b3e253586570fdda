// Package wordpiece cuts text into BERT's pieces, as Hugging Face's tokenizers does: words, and where the vocabulary lacks one, its
// longest beginnings, what follows marked with ## (Schuster & Nakajima, "Japanese and Korean voice search", 2012; Devlin et al., "BERT",
// 2019). Each piece knows where it stands in the text.
package wordpiece

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Options say how text is made even before it is cut, under the names that Hugging Face gives them.
type Options struct {
	Lowercase bool `json:"lowercase"`
	// StripAccents takes the marks off letters; nil is as Lowercase.
	StripAccents *bool `json:"strip_accents"`
	Chinese      bool  `json:"handle_chinese_chars"` // each Chinese character is a word
	Clean        bool  `json:"clean_text"`           // control characters go, all white space is a blank
}

// Uncased is what BERT-base-uncased and all-MiniLM-L6-v2 take.
func Uncased() Options { return Options{Lowercase: true, Chinese: true, Clean: true} }

// Cased leaves letters as they are.
func Cased() Options { return Options{Chinese: true, Clean: true} }

// The pieces that stand for no text.
const (
	pad, unknown, start, end, mask = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
	continued                      = "##" // begins a piece that goes on with a word
	longestWord                    = 100  // characters; a longer word is unknown
)

// Tokenizer cuts text. It may be used by several goroutines at once.
type Tokenizer struct {
	Options Options
	// Numbers of the pieces that stand for no text: padding, what isn't known, a text's beginning, its end, a blank to fill.
	Pad, Unknown, Start, End, Mask int32

	pieces  []string
	numbers map[string]int32
	special []string // pieces that are found in text as they are written
}

// Piece is a piece of a text: the bytes from First up to, not including, After.
type Piece struct {
	ID           int32
	First, After int
}

// New makes a tokenizer of a vocabulary, in which a piece's number is its place. It must have [PAD], [UNK], [CLS], [SEP] and [MASK].
func New(pieces []string, o Options) (*Tokenizer, error) {
	t := &Tokenizer{Options: o, pieces: slices.Clone(pieces), numbers: make(map[string]int32, len(pieces))}
	for i, p := range pieces {
		if before, ok := t.numbers[p]; ok {
			return nil, fmt.Errorf("wordpiece: %q stands twice in the vocabulary, as pieces %d and %d", p, before, i)
		}
		t.numbers[p] = int32(i)
	}
	for _, s := range []struct {
		name string
		to   *int32
	}{{pad, &t.Pad}, {unknown, &t.Unknown}, {start, &t.Start}, {end, &t.End}, {mask, &t.Mask}} {
		number, ok := t.numbers[s.name]
		if !ok {
			return nil, fmt.Errorf("wordpiece: the vocabulary of %d pieces has no %s: it must have it", len(pieces), s.name)
		}
		*s.to = number
		t.special = append(t.special, s.name)
	}
	return t, nil
}

// Len is the number of pieces in the vocabulary.
func (t *Tokenizer) Len() int { return len(t.pieces) }

// Text is how a piece is written; "" for a number that is none.
func (t *Tokenizer) Text(id int32) string {
	if id < 0 || int(id) >= len(t.pieces) {
		return ""
	}
	return t.pieces[id]
}

// ID is the number of a piece as it is written.
func (t *Tokenizer) ID(piece string) (int32, bool) {
	id, ok := t.numbers[piece]
	return id, ok
}

// Continues says whether a piece goes on with the word of the one before.
func (t *Tokenizer) Continues(id int32) bool { return strings.HasPrefix(t.Text(id), continued) }

// Special says whether a piece stands for no text.
func (t *Tokenizer) Special(id int32) bool {
	return id == t.Pad || id == t.Unknown || id == t.Start || id == t.End || id == t.Mask
}

// Cut gives the pieces of a text, without a beginning and an end. Special pieces that the text holds, such as [MASK], are themselves.
func (t *Tokenizer) Cut(text string) []Piece {
	var list []Piece
	for from := 0; from < len(text); {
		at, piece := t.nextSpecial(text[from:])
		for _, w := range t.words(text[from:from+at], from) {
			list = t.word(list, w)
		}
		if from += at; piece != "" {
			list = append(list, Piece{t.numbers[piece], from, from + len(piece)})
			from += len(piece)
		}
	}
	return list
}

// nextSpecial finds the first special piece in a text; at is the text's length where there is none.
func (t *Tokenizer) nextSpecial(text string) (at int, piece string) {
	at = len(text)
	if !strings.Contains(text, "[") {
		return at, ""
	}
	for _, s := range t.special {
		if i := strings.Index(text, s); i >= 0 && i < at {
			at, piece = i, s
		}
	}
	return at, piece
}

// word cuts one word, the longest piece first.
func (t *Tokenizer) word(list []Piece, w []char) []Piece {
	before := len(list)
	unknown := Piece{t.Unknown, w[0].first, w[len(w)-1].after}
	if len(w) > longestWord {
		return append(list, unknown)
	}
	var written strings.Builder
	ends := make([]int, len(w)) // of each character in what is written
	for i, c := range w {
		written.WriteRune(c.r)
		ends[i] = written.Len()
	}
	all := written.String()
	for from := 0; from < len(w); {
		begin, mark := 0, ""
		if from > 0 {
			begin, mark = ends[from-1], continued
		}
		to := len(w)
		for ; to > from; to-- {
			if id, ok := t.numbers[mark+all[begin:ends[to-1]]]; ok {
				list = append(list, Piece{id, w[from].first, w[to-1].after})
				break
			}
		}
		if to == from {
			return append(list[:before], unknown)
		}
		from = to
	}
	return list
}

// Encode gives the numbers of a text's pieces, without a beginning and an end.
func (t *Tokenizer) Encode(text string) ([]int32, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("wordpiece: the text isn't UTF-8")
	}
	pieces := t.Cut(text)
	ids := make([]int32, len(pieces))
	for i, p := range pieces {
		ids[i] = p.ID
	}
	return ids, nil
}

// Decode joins pieces to a text, special ones left out, as tokenizers does: it isn't always the text that was cut.
func (t *Tokenizer) Decode(ids []int32) (string, error) {
	var b strings.Builder
	begun := false
	for _, id := range ids {
		if id < 0 || int(id) >= len(t.pieces) {
			return "", fmt.Errorf("wordpiece: piece %d: the vocabulary has 0 to %d", id, len(t.pieces)-1)
		}
		if t.Special(id) {
			continue
		}
		piece := t.pieces[id]
		if begun {
			rest, goesOn := strings.CutPrefix(piece, continued)
			if piece = rest; !goesOn {
				piece = " " + piece
			}
		}
		begun = true
		b.WriteString(closeUp.Replace(piece))
	}
	return b.String(), nil
}

// closeUp takes blanks away before signs, within a piece, as tokenizers does.
var closeUp = strings.NewReplacer(" .", ".", " ?", "?", " !", "!", " ,", ",", " ' ", "'", " n't", "n't", " 'm", "'m", " 's", "'s", " 've", "'ve", " 're", "'re")
