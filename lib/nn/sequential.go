package nn

import (
	"strconv"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Layer maps one tensor to another.
type Layer interface {
	Forward(s *model.Scope, x *graph.Node) *graph.Node
}

// Sequential runs layers one after the other, PyTorch's nn.Sequential; their names are 0, 1, 2, ….
type Sequential []Layer

// Children lists the layers by number.
func (l Sequential) Children() []Child {
	list := make([]Child, len(l))
	for i, layer := range l {
		list[i] = Child{strconv.Itoa(i), layer}
	}
	return list
}

// Forward gives x to the first layer and each one's result to the next.
func (l Sequential) Forward(s *model.Scope, x *graph.Node) *graph.Node {
	for i, layer := range l {
		x = Observed(s, &l[i], layer.Forward(s, x))
	}
	return x
}

// String is the name that PyTorch prints.
func (l Sequential) String() string { return "Sequential" }
