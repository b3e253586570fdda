package text

import (
	"fmt"
	"slices"
	"strings"

	"genlab/lib/data/decode"
)

// Vocab numbers characters, in the order of their code points.
type Vocab struct {
	runes []rune
	index map[rune]int32
}

// NewVocab numbers the characters that occur in a text. Made of a vocabulary's own String, it is the same vocabulary.
func NewVocab(text string) *Vocab {
	v := &Vocab{index: map[rune]int32{}}
	for _, r := range text {
		if _, ok := v.index[r]; !ok {
			v.index[r] = 0
			v.runes = append(v.runes, r)
		}
	}
	slices.Sort(v.runes)
	for i, r := range v.runes {
		v.index[r] = int32(i)
	}
	return v
}

// Len is the number of characters.
func (v *Vocab) Len() int { return len(v.runes) }

// String is all characters in the order of their numbers: what to save with a model.
func (v *Vocab) String() string { return string(v.runes) }

// Encode turns a text into numbers. A character without one is an error that says which and where.
func (v *Vocab) Encode(text string) ([]int32, error) {
	tokens := make([]int32, 0, len(text))
	for at, r := range text {
		i, ok := v.index[r]
		if !ok {
			return nil, fmt.Errorf("text: %s is %q, which is not among the vocabulary's %d characters", decode.Position(text, at), r, v.Len())
		}
		tokens = append(tokens, i)
	}
	return tokens, nil
}

// Decode turns numbers back into text.
func (v *Vocab) Decode(tokens []int32) (string, error) {
	var b strings.Builder
	for i, t := range tokens {
		if t < 0 || int(t) >= v.Len() {
			return "", fmt.Errorf("text: token %d is %d; the vocabulary has 0 to %d", i, t, v.Len()-1)
		}
		b.WriteRune(v.runes[t])
	}
	return b.String(), nil
}
