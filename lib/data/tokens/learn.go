package tokens

import (
	"fmt"
	"unicode/utf8"
)

// Learn makes a vocabulary of size tokens from a text: the commonest pair of tokens becomes a token, again and again (Sennrich et al.,
// algorithm 1). Of equally common pairs that of the lowest numbers is taken. It ends early when no pair occurs twice.
func Learn(text string, size int) (*BPE, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("tokens: the text isn't UTF-8: save it as UTF-8")
	}
	b := newBPE()
	if size < b.Len() {
		return nil, fmt.Errorf("tokens: a vocabulary of %d: it must be at least %d, one for each byte", size, b.Len())
	}
	var words []Word
	index := map[string]int{}
	for p := range pieces(text) {
		i, ok := index[p]
		if !ok {
			i = len(words)
			index[p] = i
			word := Word{Tokens: make([]int32, len(p))}
			for j := range word.Tokens {
				word.Tokens[j] = b.bytes[p[j]]
			}
			words = append(words, word)
		}
		words[i].Count++
	}
	ids := map[string]int32{}
	for i, t := range b.tokens {
		ids[t] = int32(i)
	}
	b.merges.Learn(words, 2, func() bool { return b.Len() < size }, func(p Pair) int32 {
		joined := b.tokens[p[0]] + b.tokens[p[1]]
		token, ok := ids[joined]
		if !ok {
			token = int32(b.Len())
			ids[joined] = token
			b.tokens = append(b.tokens, joined)
		}
		return token
	})
	b.own = b.Len()
	return b, nil
}
