package dalle

import (
	"fmt"
	"slices"
	"strings"
)

// What a layer's attention may see of the picture (Ramesh et al., appendix B.1, figure 11). The text is always seen.
const (
	Full        = "full"   // all places before
	Row         = "row"    // those of the same row
	Column      = "column" // those of the same column
	Convolution = "conv"   // those at most one row and one column away
)

var kinds = []string{Full, Row, Column, Convolution}

// Kinds are those of the layers: one for all, or one a layer, with commas between.
type Kinds string

// of gives each layer's.
func (k Kinds) of(layers int) ([]string, error) {
	list := strings.Split(string(k), ",")
	if len(list) == 1 {
		list = slices.Repeat(list, layers)
	}
	if len(list) != layers {
		return nil, fmt.Errorf("dalle: attention is %q: it must be one kind, or one for each of %d layers", k, layers)
	}
	for _, kind := range list {
		if !slices.Contains(kinds, kind) {
			return nil, fmt.Errorf("dalle: attention is %q: it must be of %s", k, strings.Join(kinds, ", "))
		}
	}
	return list, nil
}

// visible says which inputs each input sees, [length][length]: the sequence is a beginning, text tokens, and the places of a picture of
// side×side but the last. Nobody sees what comes later.
func visible(kind string, text, side int) [][]bool {
	length := text + side*side
	rows := make([][]bool, length)
	for i := range rows {
		rows[i] = make([]bool, length)
		for j := range i + 1 {
			rows[i][j] = j <= text || near(kind, i-text-1, j-text-1, side)
		}
	}
	return rows
}

// near says whether place i of a picture sees place j.
func near(kind string, i, j, side int) bool {
	across, down := i%side-j%side, i/side-j/side
	switch kind {
	case Row:
		return down == 0
	case Column:
		return across == 0
	case Convolution:
		return -1 <= across && across <= 1 && -1 <= down && down <= 1
	}
	return true
}
