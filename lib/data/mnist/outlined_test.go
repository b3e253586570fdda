package mnist

import (
	"slices"
	"testing"
)

func TestOutlined(t *testing.T) {
	s := &Split{Images: []byte{
		0, 0, 0, 0, 0,
		0, 9, 9, 9, 9,
		0, 9, 9, 9, 9,
		0, 9, 9, 9, 9,
	}, Labels: []byte{1}, Rows: 4, Cols: 5}
	want := []byte{
		246, 246, 246, 246, 246,
		246, 246, 246, 246, 246,
		246, 246, 255, 255, 255,
		246, 246, 255, 255, 255,
	}
	if got := s.Outlined(); !slices.Equal(got.Images, want) || s.Images[6] != 9 {
		t.Errorf("%v", got.Images)
	}
}
