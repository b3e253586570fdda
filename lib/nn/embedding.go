package nn

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Embedding is a table of vectors looked up by number, PyTorch's nn.Embedding.
type Embedding struct {
	Num, Dim int

	Weight *Param `nn:"weight"` // [num, dim]
}

// NewEmbedding makes a table with PyTorch's initialisation, N(0, 1).
func NewEmbedding(num, dim int) *Embedding {
	return &Embedding{Num: num, Dim: dim, Weight: &Param{Shape: []int{num, dim}, Init: NormalInit(0, 1)}}
}

// Forward maps ids: integers [...] to [..., dim]. An id outside the table is the caller's mistake: XLA takes the nearest row.
func (e *Embedding) Forward(s *model.Scope, ids *graph.Node) *graph.Node {
	if !ids.DType().IsInt() {
		panic(errorf("embedding %q takes integers, was given %s", e.Weight.path, ids.Shape()))
	}
	return Seen(s, e, graph.Gather(e.Weight.Node(s, ids.Graph()), graph.InsertAxes(ids, -1)))
}

// First is the table's first n rows, [n, dim]: positions 0 to n-1 of a learned position embedding.
func (e *Embedding) First(s *model.Scope, g *graph.Graph, n int) *graph.Node {
	if n > e.Num {
		panic(errorf("embedding %q has %d rows, was asked for %d", e.Weight.path, e.Num, n))
	}
	return Seen(s, e, graph.Slice(e.Weight.Node(s, g), graph.AxisRangeFromStart(n)))
}

// String is the line that PyTorch prints.
func (e *Embedding) String() string { return fmt.Sprintf("Embedding(%d, %d)", e.Num, e.Dim) }

// Sinusoids is the table of position encodings of Vaswani et al., "Attention is all you need", 2017, section 3.5:
// sin(pos/10000^(2i/dim)) at columns 2i and the cosine at 2i+1. It has num rows of dim values.
func Sinusoids(num, dim int) [][]float32 {
	table := make([][]float32, num)
	for pos := range table {
		row := make([]float32, dim)
		for i := range row {
			angle := float64(pos) / math.Pow(10000, float64(i-i%2)/float64(dim))
			if i%2 == 0 {
				row[i] = float32(math.Sin(angle))
			} else {
				row[i] = float32(math.Cos(angle))
			}
		}
		table[pos] = row
	}
	return table
}
