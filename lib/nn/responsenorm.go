package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// LocalResponseNorm is PyTorch's nn.LocalResponseNorm (Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional
// neural networks", 2012, section 3.3, with Alpha divided by Size): each value is divided by (K + Alpha·mean square)^Beta of Size
// neighbouring channels.
type LocalResponseNorm struct {
	Size           int
	Alpha, Beta, K float64
}

// NewLocalResponseNorm has PyTorch's alpha of 1e-4, beta of 0.75 and k of 1.
func NewLocalResponseNorm(size int) LocalResponseNorm {
	return LocalResponseNorm{Size: size, Alpha: 1e-4, Beta: 0.75, K: 1}
}

// Forward maps x: [batch, ..., channels] to a like-shaped tensor.
func (l LocalResponseNorm) Forward(_ *model.Scope, x *graph.Node) *graph.Node {
	last := x.Rank() - 1
	if last < 2 || l.Size < 1 {
		panic(errorf("%s takes [batch, ..., channels] of rank 3 or more, was given %s", l, x.Shape()))
	}
	before, after := make([]int, last+1), make([]int, last+1)
	before[last], after[last] = l.Size/2, (l.Size-1)/2
	squares := padZero(graph.Square(x), before, after)
	sum := cropAxis(squares, last, 0, x.Shape().Dim(last))
	for i := 1; i < l.Size; i++ {
		sum = graph.Add(sum, cropAxis(squares, last, i, x.Shape().Dim(last)))
	}
	base := graph.AddScalar(graph.MulScalar(sum, l.Alpha/float64(l.Size)), l.K)
	return graph.Mul(x, graph.Exp(graph.MulScalar(graph.Log(base), -l.Beta)))
}

// String is the line that PyTorch prints.
func (l LocalResponseNorm) String() string {
	return fmt.Sprintf("LocalResponseNorm(%d, alpha=%s, beta=%s, k=%s)", l.Size, pyFloat(l.Alpha), pyFloat(l.Beta), pyFloat(l.K))
}
