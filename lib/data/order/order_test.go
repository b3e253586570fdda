package order

import (
	"slices"
	"testing"
)

// From PCG-DXSM written out in Python 3.11; a changed order would break resuming older runs.
func TestPermutation(t *testing.T) {
	if got := Permutation(8, 1, 0); !slices.Equal(got, []int32{5, 3, 1, 2, 6, 7, 0, 4}) {
		t.Errorf("order of 8: %v", got)
	}
	for _, n := range []int{0, 1, 100} {
		got := Permutation(n, 3, 7)
		slices.Sort(got)
		for i, v := range got {
			if int(v) != i {
				t.Fatalf("%d: place %d holds %d", n, i, v)
			}
		}
	}
}
