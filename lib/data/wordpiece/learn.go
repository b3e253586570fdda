package wordpiece

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Learn makes a vocabulary of size pieces from a text: all its characters, then, again and again, the two neighbours within words that
// stand side by side most often, joined, as tokenizers' WordPieceTrainer does.
func Learn(text string, size int, o Options) (*Tokenizer, error) {
	cutter := &Tokenizer{Options: o}
	counts := map[string]int{}
	for _, w := range cutter.words(text, 0) {
		var word []rune
		for _, c := range w {
			word = append(word, c.r)
		}
		counts[string(word)]++
	}
	words := make([][]string, 0, len(counts)) // each as its pieces
	often := make([]int, 0, len(counts))
	alphabet := map[string]bool{}
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		var pieces []string
		for i, r := range word {
			piece := string(r)
			if i > 0 {
				piece = continued + piece
			}
			alphabet[piece] = true
			pieces = append(pieces, piece)
		}
		words, often = append(words, pieces), append(often, counts[word])
	}
	vocab := append([]string{pad, unknown, start, end, mask}, slices.Sorted(maps.Keys(alphabet))...)
	if size < len(vocab) {
		return nil, fmt.Errorf("wordpiece: size is %d: it must be at least %d, the text's characters and the 5 special pieces", size, len(vocab))
	}
	for len(vocab) < size {
		pair, n := commonest(words, often)
		if n < 2 {
			break // nothing recurs
		}
		joined := pair[0] + pair[1][len(continued):]
		for i, pieces := range words {
			words[i] = join(pieces, pair, joined)
		}
		vocab = append(vocab, joined)
	}
	return New(vocab, o)
}

// commonest is the pair of neighbours that is met most often; of several the first by their letters.
func commonest(words [][]string, often []int) (pair [2]string, n int) {
	counts := map[[2]string]int{}
	for i, pieces := range words {
		for j := 1; j < len(pieces); j++ {
			counts[[2]string{pieces[j-1], pieces[j]}] += often[i]
		}
	}
	for p, c := range counts {
		if c > n || c == n && slices.CompareFunc(p[:], pair[:], cmp.Compare) < 0 {
			pair, n = p, c
		}
	}
	return pair, n
}

// join puts joined in the place of each pair.
func join(pieces []string, pair [2]string, joined string) []string {
	out := pieces[:0]
	for i := 0; i < len(pieces); i++ {
		if i+1 < len(pieces) && pieces[i] == pair[0] && pieces[i+1] == pair[1] {
			out = append(out, joined)
			i++
			continue
		}
		out = append(out, pieces[i])
	}
	return out
}
