package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

const watchParam = "nn_watch"

// Watch has f called with each layer that runs while graph g is built, the scope of its parameters and what it gives. A layer is known
// by its address; those in a [Sequential] come by that of their element too, a *[Layer], for some have none of their own.
func Watch(s *model.Scope, g *graph.Graph, f func(s *model.Scope, layer any, y *graph.Node)) {
	s.Store().RootScope().SetGraphParam(g, watchParam, f)
}

// Observed calls the function of [Watch], if there is one, with a layer and its output y, and returns y: a layer ends with it.
func Observed(s *model.Scope, layer any, y *graph.Node) *graph.Node {
	if f, ok := s.Store().RootScope().GetGraphParam(y.Graph(), watchParam); ok {
		f.(func(*model.Scope, any, *graph.Node))(s, layer, y)
	}
	return y
}
