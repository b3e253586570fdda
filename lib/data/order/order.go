// Package order decides in which order a data set's examples come.
package order

import (
	"math/bits"
	"math/rand/v2"
)

// Permutation shuffles 0..n-1 (Fisher and Yates), as the seed and the epoch decide. Written out rather than rand.Perm, whose
// algorithm a later Go may change: a resumed run must see the batches of the run that it resumes.
func Permutation(n int, seed, epoch uint64) []int32 {
	source := rand.NewPCG(seed, epoch)
	perm := make([]int32, n)
	for i := range perm {
		perm[i] = int32(i)
	}
	for i := n - 1; i > 0; i-- {
		j, _ := bits.Mul64(source.Uint64(), uint64(i+1)) // below i+1; the bias is below 2^-47
		perm[i], perm[j] = perm[j], perm[i]
	}
	return perm
}
