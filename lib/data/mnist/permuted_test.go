package mnist

import (
	"slices"
	"testing"
)

func TestPermuted(t *testing.T) {
	s := &Split{Images: []byte{1, 2, 3, 4, 5, 6, 7, 8}, Labels: []byte{0, 1}, Rows: 2, Cols: 2}
	moved, err := s.Permuted([]int{3, 0, 1, 2})
	if err != nil || !slices.Equal(moved.Images, []byte{4, 1, 2, 3, 8, 5, 6, 7}) {
		t.Errorf("%v, error %v", moved, err)
	}
	for _, order := range [][]int{{0, 1, 2}, {0, 1, 2, 2}, {0, 1, 2, 4}, {0, 1, 2, 3, 4}, nil} {
		if _, err := s.Permuted(order); err == nil {
			t.Errorf("%v is accepted", order)
		}
	}
}
