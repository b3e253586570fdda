package tokens

import (
	"container/heap"
	"math"
	"slices"
)

// Pair is two tokens that stand beside each other.
type Pair [2]int32

// Merges are the pairs that become one token, in the order in which they were learnt: what byte-pair encoding is, over bytes
// ([BPE]) or over characters. The zero value has none.
type Merges struct {
	List  []Pair // as [Merges.Add] was given them
	ranks map[Pair]merge
}

// merge is a pair's place among the merges, and the token that it becomes.
type merge struct{ rank, token int32 }

// Add makes a pair a token.
func (m *Merges) Add(p Pair, token int32) {
	if m.ranks == nil {
		m.ranks = map[Pair]merge{}
	}
	m.ranks[p] = merge{int32(len(m.List)), token}
	m.List = append(m.List, p)
}

// Apply merges a word's tokens, in place, the pair learnt first of those that it has, again and again.
func (m *Merges) Apply(ids []int32) []int32 {
	for {
		best, at := merge{rank: math.MaxInt32}, Pair{}
		for i := 1; i < len(ids); i++ {
			p := Pair{ids[i-1], ids[i]}
			if found, ok := m.ranks[p]; ok && found.rank < best.rank {
				best, at = found, p
			}
		}
		if best.rank == math.MaxInt32 {
			return ids
		}
		ids = replace(ids, at, best.token)
	}
}

// replace puts token in the place of each pair, from the left, in place.
func replace(ids []int32, p Pair, token int32) []int32 {
	out := ids[:0]
	for i := 0; i < len(ids); i++ {
		if i+1 < len(ids) && ids[i] == p[0] && ids[i+1] == p[1] {
			out = append(out, token)
			i++
		} else {
			out = append(out, ids[i])
		}
	}
	return out
}

// Word is a word of a corpus: its tokens, and how often it occurs.
type Word struct {
	Tokens []int32
	Count  int
}

// Learn adds the commonest pair of the words, which join makes a token, and merges it in them, again and again (Sennrich et al.,
// algorithm 1), while more says so and a pair occurs at least least times. Of equally common pairs that of the lowest numbers is
// taken. It changes the words.
func (m *Merges) Learn(words []Word, least int, more func() bool, join func(Pair) int32) {
	l := newLearner(words, least)
	for more() {
		p, ok := l.commonest()
		if !ok {
			return
		}
		token := join(p)
		m.Add(p, token)
		l.merge(p, token)
	}
}

// learner counts the pairs of words.
type learner struct {
	words []Word
	least int
	pairs map[Pair]int
	where map[Pair]map[int]bool // words that may have it
	queue queue
}

// candidate is a pair with the count that it had when it was queued.
type candidate struct {
	pair  Pair
	count int
}

func newLearner(words []Word, least int) *learner {
	l := &learner{words: words, least: least, pairs: map[Pair]int{}, where: map[Pair]map[int]bool{}}
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
	word := l.words[i].Tokens
	for j := 1; j < len(word); j++ {
		p := Pair{word[j-1], word[j]}
		l.pairs[p] += sign * l.words[i].Count
		if l.where[p] == nil {
			l.where[p] = map[int]bool{}
		}
		l.where[p][i] = true
	}
}

// commonest takes the pair of the highest count off the queue. Counts there may be too high, and are put right here.
func (l *learner) commonest() (Pair, bool) {
	for len(l.queue) > 0 {
		c := heap.Pop(&l.queue).(candidate)
		now := l.pairs[c.pair]
		if now == c.count && now >= l.least {
			return c.pair, true
		}
		if now >= l.least && now < c.count {
			heap.Push(&l.queue, candidate{c.pair, now})
		}
	}
	return Pair{}, false
}

// merge makes a pair a token in all words.
func (l *learner) merge(p Pair, token int32) {
	words := make([]int, 0, len(l.where[p]))
	for i := range l.where[p] {
		words = append(words, i)
	}
	slices.Sort(words)
	changed := map[Pair]bool{}
	for _, i := range words {
		l.count(i, -1)
		l.words[i].Tokens = replace(l.words[i].Tokens, p, token)
		l.count(i, 1)
		for j, word := 1, l.words[i].Tokens; j < len(word); j++ {
			if word[j-1] == token || word[j] == token {
				changed[Pair{word[j-1], word[j]}] = true
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
