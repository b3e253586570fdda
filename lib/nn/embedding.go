package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Embedding is a table of vectors looked up by number, PyTorch's nn.Embedding.
type Embedding struct {
	Num, Dim int
	// Padding is a row that stands for nothing: it begins as zeros and gets no gradient. Nil without; see [Embedding.WithPadding].
	Padding *int
	// MaxNorm, when positive, shortens each row that is looked up to at most this length, for good, as PyTorch does: training or not.
	MaxNorm float64

	Weight *Param `nn:"weight"` // [num, dim]
}

// NewEmbedding makes a table with PyTorch's initialisation, N(0, 1).
func NewEmbedding(num, dim int) *Embedding {
	return &Embedding{Num: num, Dim: dim, Weight: &Param{Shape: []int{num, dim}, Init: NormalInit(0, 1)}}
}

// WithPadding makes a row PyTorch's padding_idx; a negative one counts from the end.
func (e *Embedding) WithPadding(row int) *Embedding {
	if row < -e.Num || row >= e.Num {
		panic(errorf("an embedding's padding is %d: it must be a row of %d", row, e.Num))
	}
	row = (row + e.Num) % e.Num
	fill := e.Weight.Init
	e.Weight.Init = func(rng *rand.Rand, values []float32) {
		fill(rng, values)
		clear(values[row*e.Dim : (row+1)*e.Dim])
	}
	e.Padding = &row
	return e
}

// Forward maps ids: integers [...] to [..., dim]. An id outside the table is the caller's mistake: XLA takes the nearest row.
func (e *Embedding) Forward(s *model.Scope, ids *graph.Node) *graph.Node {
	if !ids.DType().IsInt() {
		panic(errorf("embedding %q takes integers, was given %s", e.Weight.path, ids.Shape()))
	}
	table := e.Weight.Node(s, ids.Graph())
	if e.MaxNorm > 0 {
		table = e.shortened(table, ids)
		e.Weight.Set(s, table)
	}
	if e.Padding != nil {
		row := graph.Iota(ids.Graph(), shapes.Make(dtypes.Int32, e.Num, e.Dim), 0)
		table = graph.Where(graph.Equal(row, graph.Scalar(ids.Graph(), dtypes.Int32, *e.Padding)), graph.StopGradient(table), table)
	}
	return Observed(s, e, graph.Gather(table, graph.InsertAxes(ids, -1)))
}

// shortened is the table with the rows of ids at most MaxNorm long.
func (e *Embedding) shortened(table, ids *graph.Node) *graph.Node {
	table = graph.StopGradient(table)
	ids = graph.Reshape(ids, -1, 1)
	counts := graph.Scatter(ids, graph.Ones(ids.Graph(), shapes.Make(table.DType(), ids.Shape().Dim(0))), shapes.Make(table.DType(), e.Num), false, false)
	size := length(table, -1)
	long := graph.LogicalAnd(graph.GreaterThan(size, scalar(size, e.MaxNorm)), graph.GreaterThan(counts, scalar(counts, 0)))
	scale := graph.Where(long, graph.Div(scalar(size, e.MaxNorm), graph.AddScalar(size, 1e-7)), graph.OnesLike(size)) // PyTorch's 1e-7
	return graph.Mul(table, graph.InsertAxes(scale, -1))
}

// First is the table's first n rows, [n, dim]: positions 0 to n-1 of a learned position embedding.
func (e *Embedding) First(s *model.Scope, g *graph.Graph, n int) *graph.Node {
	if n > e.Num {
		panic(errorf("embedding %q has %d rows, was asked for %d", e.Weight.path, e.Num, n))
	}
	return Observed(s, e, graph.Slice(e.Weight.Node(s, g), graph.AxisRangeFromStart(n)))
}

// String is the line that PyTorch prints.
func (e *Embedding) String() string {
	text := fmt.Sprintf("Embedding(%d, %d", e.Num, e.Dim)
	if e.Padding != nil {
		text += fmt.Sprintf(", padding_idx=%d", *e.Padding)
	}
	if e.MaxNorm > 0 {
		text += ", max_norm=" + pyFloat(e.MaxNorm)
	}
	return text + ")"
}

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
