package wordpiece

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestLearn wants the pairs joined that recur most: by hand, "ab" stands four times, then "ab"+"##c" three.
func TestLearn(t *testing.T) {
	tok, err := Learn("abc abc abc abd", 5+4+2, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"##b", "##c", "##d", "a", "ab", "abc"}; !slices.Equal(tok.pieces[5:], want) {
		t.Errorf("%v, want %v", tok.pieces[5:], want)
	}
	if _, err := Learn("abc", 7, Options{}); err == nil || !strings.Contains(err.Error(), "at least 8") {
		t.Errorf("a vocabulary smaller than the alphabet: %v", err)
	}
}

// TestBlank wants whole words blanked, eight in ten [MASK], and labels where they were alone.
func TestBlank(t *testing.T) {
	tok, err := New([]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b", "c", "d", "e"}, Uncased())
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	blanked, masked, stayed := 0, 0, 0
	for range 2000 {
		before := []int32{2, 5, 6, 7, 8, 5, 6, 6, 9, 7, 8, 9, 7, 8, 9, 7, 8, 9, 7, 3}
		pieces := slices.Clone(before)
		labels := tok.Blank(pieces, 0.15, r)
		for i, l := range labels {
			if l == Ignored {
				if pieces[i] != before[i] {
					t.Fatalf("piece %d changed without a label", i)
				}
				continue
			}
			if l != before[i] || i == 0 || i == len(labels)-1 {
				t.Fatalf("label %d is %d, the piece was %d", i, l, before[i])
			}
			if blanked++; pieces[i] == tok.Mask {
				masked++
			} else if pieces[i] == before[i] {
				stayed++
			}
		}
		for i := range before { // a word's pieces are all to be told, or none
			if tok.Continues(before[i]) && (labels[i] == Ignored) != (labels[i-1] == Ignored) {
				t.Fatalf("piece %d of a word is to be told without the one before", i)
			}
		}
	}
	share := func(n int) float64 { return float64(n) / float64(blanked) }
	if m, s := share(masked), share(stayed); m < 0.78 || m > 0.84 || s < 0.08 || s > 0.14 || blanked < 5500 || blanked > 6500 {
		t.Errorf("%d blanked, %.3f [MASK], %.3f as before", blanked, m, s)
	}
}
