package nn

import (
	"iter"

	"github.com/gomlx/gomlx/core/tensors"
)

// Pieces cuts rows into tensors [size, shape…] for calls of a [Runner], with the number of rows in each. The last one is filled up with
// zeros: always a whole piece, so that one compiled graph serves any number of rows. Each row has as many values as shape asks for.
func Pieces(rows [][]float32, size int, shape ...int) iter.Seq2[*tensors.Tensor, int] {
	each := 1
	for _, d := range shape {
		each *= d
	}
	return func(yield func(*tensors.Tensor, int) bool) {
		for from := 0; from < len(rows); from += size {
			n := min(size, len(rows)-from)
			flat := make([]float32, size*each)
			for i, row := range rows[from : from+n] {
				copy(flat[i*each:(i+1)*each], row)
			}
			if !yield(tensors.FromFlatDataAndDimensions(flat, append([]int{size}, shape...)...), n) {
				return
			}
		}
	}
}
