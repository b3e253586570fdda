package metrics

import (
	"slices"
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	places, distances, err := Nearest([][]float32{{0, 0}, {3, 4}, {3, 4}}, [][]float32{{3, 4}, {0, -2}, {0, 5}})
	if err != nil || !slices.Equal(places, []int{1, 0, 1}) || !slices.Equal(distances[:2], []float64{0, 2}) {
		t.Errorf("%v, %v, %v", places, distances, err)
	}
	for want, c := range map[string][2][][]float32{"there are 0 known": {nil, {{1}}}, "example 0 has 2 features: it must have 1": {{{1}}, {{1, 2}}}} {
		if _, _, err := Nearest(c[0], c[1]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
