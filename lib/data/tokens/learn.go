package tokens

import (
	"container/heap"
	"fmt"
	"slices"
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
	l := newLearner(b, text)
	ids := map[string]int32{}
	for i, t := range b.tokens {
		ids[t] = int32(i)
	}
	for b.Len() < size {
		p, ok := l.commonest()
		if !ok {
			break
		}
		joined := b.tokens[p[0]] + b.tokens[p[1]]
		token, ok := ids[joined]
		if !ok {
			token = int32(b.Len())
			ids[joined] = token
			b.tokens = append(b.tokens, joined)
		}
		b.add(p, token)
		l.merge(p, token)
	}
	return b, nil
}

// learner counts the pairs of a text's words.
type learner struct {
	words  [][]int32
	counts []int // of each word
	pairs  map[pair]int
	where  map[pair]map[int]bool // words that may have it
	queue  queue
}

// candidate is a pair with the count that it had when it was queued.
type candidate struct {
	pair  pair
	count int
}

func newLearner(b *BPE, text string) *learner {
	l := &learner{pairs: map[pair]int{}, where: map[pair]map[int]bool{}}
	index := map[string]int{}
	for p := range pieces(text) {
		i, ok := index[p]
		if !ok {
			i = len(l.words)
			index[p] = i
			word := make([]int32, len(p))
			for j := range word {
				word[j] = b.bytes[p[j]]
			}
			l.words, l.counts = append(l.words, word), append(l.counts, 0)
		}
		l.counts[i]++
	}
	for i := range l.words {
		l.count(i, 1)
	}
	for p, n := range l.pairs {
		l.queue = append(l.queue, candidate{p, n})
	}
	heap.Init(&l.queue)
	return l
}

// count adds a word's pairs, or takes them away.
func (l *learner) count(i, sign int) {
	word := l.words[i]
	for j := 1; j < len(word); j++ {
		p := pair{word[j-1], word[j]}
		l.pairs[p] += sign * l.counts[i]
		if l.where[p] == nil {
			l.where[p] = map[int]bool{}
		}
		l.where[p][i] = true
	}
}

// commonest takes the pair of the highest count off the queue. Counts there may be too high, and are put right here.
func (l *learner) commonest() (pair, bool) {
	for len(l.queue) > 0 {
		c := heap.Pop(&l.queue).(candidate)
		now := l.pairs[c.pair]
		if now == c.count && now > 1 {
			return c.pair, true
		}
		if now > 1 && now < c.count {
			heap.Push(&l.queue, candidate{c.pair, now})
		}
	}
	return pair{}, false
}

// merge makes a pair a token in all words.
func (l *learner) merge(p pair, token int32) {
	words := make([]int, 0, len(l.where[p]))
	for i := range l.where[p] {
		words = append(words, i)
	}
	slices.Sort(words)
	changed := map[pair]bool{}
	for _, i := range words {
		l.count(i, -1)
		l.words[i] = replace(l.words[i], p, token)
		l.count(i, 1)
		for j, word := 1, l.words[i]; j < len(word); j++ {
			if word[j-1] == token || word[j] == token {
				changed[pair{word[j-1], word[j]}] = true
			}
		}
	}
	delete(l.pairs, p)
	delete(l.where, p)
	for q := range changed {
		heap.Push(&l.queue, candidate{q, l.pairs[q]})
	}
}

// queue has the pair of the highest count first, of equals that of the lowest numbers.
type queue []candidate

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q queue) Less(i, j int) bool {
	if q[i].count != q[j].count {
		return q[i].count > q[j].count
	}
	return slices.Compare(q[i].pair[:], q[j].pair[:]) < 0
}
func (q *queue) Push(x any) { *q = append(*q, x.(candidate)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
