package nn

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/stat/distuv"
)

// Watermark is a trace in drawn tokens that who has the key can find (Kirchenbauer et al., "A watermark for large language models", 2023,
// algorithm 2). Each token makes some of those that may follow it green; these are drawn more often, and a text with too many of them
// for chance is told as made.
//
// The paper's green lists are all of one size, parts of a random permutation. Here each token is green by itself, with the probability
// Share: to look at a pair costs one hash whatever the vocabulary, and of distinct pairs in a text that knows nothing of the key the green ones
// are binomial exactly.
type Watermark struct {
	Key   uint64
	Share float64 // of the vocabulary that is green, γ
	Bias  float64 // what is added to the logits of green tokens, δ; 0 leaves no trace
}

// Validate reports the first field that makes no watermark.
func (w Watermark) Validate() error {
	switch {
	case !(w.Share > 0 && w.Share < 1):
		return fmt.Errorf("nn: a watermark's share is %g: it must be more than 0 and less than 1, such as 0.5", w.Share)
	case !(w.Bias >= 0) || math.IsInf(w.Bias, 1):
		return fmt.Errorf("nn: a watermark's bias is %g: it must be at least 0, such as 2", w.Bias)
	}
	return nil
}

// Words are the key as [Favour] takes it.
func (w Watermark) Words() []uint32 { return []uint32{uint32(w.Key >> 32), uint32(w.Key)} }

// Favour adds bias to the logits [batch, vocabulary] of the tokens that are green after the previous ones, int32 [batch]. key: [2]uint32; share, bias:
// float32 scalars.
func Favour(key, share, bias, previous, logits *graph.Node) *graph.Node {
	if previous.Rank() != 1 || logits.Rank() != 2 || previous.Shape().Dim(0) != logits.Shape().Dim(0) {
		panic(errorf("a watermark takes previous tokens [batch] and logits [batch, vocabulary], was given %s and %s", previous.Shape(), logits.Shape()))
	}
	pair := shapes.Make(dtypes.Uint32, logits.Shape().Dimensions...)
	before := graph.BroadcastToDims(graph.InsertAxes(graph.ConvertDType(previous, dtypes.Uint32), -1), pair.Dimensions...)
	word, _ := threefry(key, before, graph.Iota(key.Graph(), pair, 1))
	green := graph.LessThan(unit(word), graph.BroadcastToDims(share, pair.Dimensions...))
	return graph.Where(green, graph.Add(logits, bias), logits)
}

// Green says whether a token is green after another.
func (w Watermark) Green(previous, token int32) bool {
	word := threefryWord([2]uint32(w.Words()), uint32(previous), uint32(token))
	return float32(word>>8)/(1<<24) < float32(w.Share)
}

// threefryWord is the first word of what [threefry] gives.
func threefryWord(key [2]uint32, x0, x1 uint32) uint32 {
	rotations := [2][4]int{{13, 15, 26, 6}, {17, 29, 16, 24}}
	ks := [3]uint32{key[0], key[1], key[0] ^ key[1] ^ 0x1BD11BDA}
	x0, x1 = x0+ks[0], x1+ks[1]
	for round := range 5 {
		for _, r := range rotations[round%2] {
			x0 += x1
			x1 = bits.RotateLeft32(x1, r) ^ x0
		}
		x0 += ks[(round+1)%3]
		x1 += ks[(round+2)%3] + uint32(round+1)
	}
	return x0
}

// Trace is what a text shows of a watermark.
type Trace struct {
	Scored, Green int     // pairs of neighbours, and those whose second token is green
	Z             float64 // standard deviations above what chance gives: equation 3
	P             float64 // how often chance gives as much, by the normal distribution
}

// Find looks for the watermark in a text. Each pair of neighbours counts once, however often it comes: repeated pairs are green or not together, and
// counted apart they would make false alarms of any text that repeats itself (section 4.1).
func (w Watermark) Find(tokens []int32) (Trace, error) {
	pairs := map[[2]int32]bool{}
	for i := range max(0, len(tokens)-1) {
		pairs[[2]int32(tokens[i:])] = true
	}
	var t Trace
	for pair := range pairs {
		t.Scored++
		if w.Green(pair[0], pair[1]) {
			t.Green++
		}
	}
	return t.scored(w)
}

// FindAll is [Watermark.Find] that counts each pair as often as it comes.
func (w Watermark) FindAll(tokens []int32) (Trace, error) {
	var t Trace
	for i := range max(0, len(tokens)-1) {
		t.Scored++
		if w.Green(tokens[i], tokens[i+1]) {
			t.Green++
		}
	}
	return t.scored(w)
}

func (t Trace) scored(w Watermark) (Trace, error) {
	if err := w.Validate(); err != nil {
		return Trace{}, err
	}
	if t.Scored == 0 {
		return Trace{}, fmt.Errorf("nn: a text of fewer than 2 tokens has no pair to look for a watermark in: give a longer one")
	}
	n := float64(t.Scored)
	t.Z = (float64(t.Green) - w.Share*n) / math.Sqrt(n*w.Share*(1-w.Share))
	t.P = math.Erfc(t.Z/math.Sqrt2) / 2
	return t, nil
}

// Chance is how often as many distinct pairs of a text that knows nothing of the key reach z: the binomial distribution's tail.
func (w Watermark) Chance(pairs int, z float64) float64 {
	n := float64(pairs)
	least := math.Ceil(w.Share*n + z*math.Sqrt(n*w.Share*(1-w.Share)) - 1e-9)
	if least > n {
		return 0
	}
	return distuv.Binomial{N: n, P: w.Share}.Survival(least - 1)
}
