package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

const watchParam = "nn_watch"

// Watch has f called with each layer that runs while graph g is built, and what it gives. A layer is known by its address; those in
// a [Sequential] come by that of their element too, a *[Layer], for some have none of their own.
func Watch(s *model.Scope, g *graph.Graph, f func(layer any, y *graph.Node)) {
	s.Store().RootScope().SetGraphParam(g, watchParam, f)
}

// seen tells the one who watches, if any, and returns y.
func seen(s *model.Scope, layer any, y *graph.Node) *graph.Node {
	if f, ok := s.Store().RootScope().GetGraphParam(y.Graph(), watchParam); ok {
		f.(func(any, *graph.Node))(layer, y)
	}
	return y
}
