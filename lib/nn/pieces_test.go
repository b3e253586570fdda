package nn

import (
	"reflect"
	"testing"
)

func TestPieces(t *testing.T) {
	var pieces [][][][]float32
	var counts []int
	for x, n := range Pieces([][]float32{{1, 2}, {3, 4}, {5, 6}}, 2, 1, 2) {
		pieces, counts = append(pieces, x.Value().([][][]float32)), append(counts, n)
	}
	want := [][][][]float32{{{{1, 2}}, {{3, 4}}}, {{{5, 6}}, {{0, 0}}}}
	if !reflect.DeepEqual(pieces, want) || !reflect.DeepEqual(counts, []int{2, 1}) {
		t.Errorf("pieces %v of %v rows; want %v of 2 and 1", pieces, counts, want)
	}
	for range Pieces(nil, 2, 2) {
		t.Error("nothing has a piece")
	}
}
