package tokens

import (
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
)

// Repeats are texts of made tokens, drawn evenly, that repeat themselves: the first period tells nothing, and all after it can be known
// by who looks back. Each text has a period of its own, from a fourth to half of its length, so that no fixed distance helps.
type Repeats struct {
	Vocabulary   int // tokens to draw from
	Size, Length int // texts a batch, tokens of each: at least 4
	Count        int // batches an epoch
	Seed         uint64
}

// Steps is the number of batches an epoch.
func (r Repeats) Steps() int { return r.Count }

// Identity says what the data is, for the run that trains on it.
func (r Repeats) Identity() (map[string]any, error) {
	return map[string]any{
		"kind": "repeats", "vocab": r.Vocabulary, "batch": r.Size, "length": r.Length, "steps": r.Count, "seed": r.Seed,
	}, nil
}

// Batch gives tokens and those that follow them, -1 where that can't be known: int32 [Size, Length].
func (r Repeats) Batch(epoch, step int) ([]*tensors.Tensor, error) {
	if r.Vocabulary < 2 || r.Size < 1 || r.Length < 4 {
		return nil, fmt.Errorf("tokens: repeats of Vocabulary %d, Size %d and Length %d: want at least 2, 1 and 4", r.Vocabulary, r.Size, r.Length)
	}
	if epoch < 0 || step < 0 || step >= r.Count {
		return nil, fmt.Errorf("tokens: batch at epoch %d, step %d: the epoch must be at least 0, the step 0 to below %d", epoch, step, r.Count)
	}
	rng := rand.New(rand.NewPCG(r.Seed, uint64(epoch)<<32|uint64(step)))
	var x, y []int32
	for range r.Size {
		period := r.Length/4 + rng.IntN(r.Length/4+1)
		text := make([]int32, r.Length+1)
		for i := range text {
			if i < period {
				text[i] = int32(rng.IntN(r.Vocabulary))
			} else {
				text[i] = text[i-period]
			}
		}
		x = append(x, text[:r.Length]...)
		for i, next := range text[1:] {
			if i+1 < period {
				next = -1
			}
			y = append(y, next)
		}
	}
	return []*tensors.Tensor{
		tensors.FromFlatDataAndDimensions(x, r.Size, r.Length),
		tensors.FromFlatDataAndDimensions(y, r.Size, r.Length),
	}, nil
}
