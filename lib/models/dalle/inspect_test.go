package dalle

import "testing"

// TestInspect wants each place to give the words what it doesn't give to the beginning and to the places before it: the first place looks
// at nothing else, and weights are shares.
func TestInspect(t *testing.T) {
	m := moved(t, small())
	looks, err := m.Attention(t.Context(), []int32{1, 3, 4}, []int32{3, 1, 4, 1, 5, 9, 2, 6, 5})
	if err != nil {
		t.Fatal(err)
	}
	if len(looks) != 9 || len(looks[0]) != 3 {
		t.Fatalf("%d places look at %d words: they must be 9 and 3", len(looks), len(looks[0]))
	}
	sum := func(row []float32) (all float32) {
		for _, v := range row {
			all += v
		}
		return all
	}
	// The first place sees the beginning and three words, about as much of each; the last also what came before it.
	if first, last := sum(looks[0]), sum(looks[8]); first < 0.6 || first > 0.9 || last >= first || last < 0.2 {
		t.Errorf("of the first place's look %.2f go to the words, of the last's %.2f", first, last)
	}
	if _, err := m.Attention(t.Context(), []int32{1}, nil); err == nil {
		t.Error("a caption of one token should be refused")
	}
}
