package cyclegan

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// recalled keeps made pictures, and gives earlier ones in the place of some (Shrivastava et al., "Learning from simulated and unsupervised
// images through adversarial training", 2017, section 2.3): while there is room each picture is kept and given; afterwards one is given as it
// is where swap is at most 0.5, else it takes the place of a kept one, which is given. The pictures kept lie in the store under s, so a
// checkpoint holds them. made: [batch, height, width, channels]; swap, place: [batch] in [0, 1), the latter says which of the kept.
func recalled(s *model.Scope, made *graph.Node, size int, swap, place *graph.Node) *graph.Node {
	if size == 0 {
		return made
	}
	g, d := made.Graph(), made.Shape().Dimensions
	zero := tensors.FromShape(shapes.Make(dtypes.Float32, size, d[1], d[2], d[3]))
	kept := s.VariableWithValue("kept", zero).SetTrainable(false)
	counter := s.VariableWithValue("count", int32(0)).SetTrainable(false)
	all, count := kept.NodeValue(g), counter.NodeValue(g)
	places := graph.Iota(g, shapes.Make(dtypes.Int32, size, 1, 1, 1), 0)
	given := make([]*graph.Node, d[0])
	for i := range given {
		one := graph.SliceAxis(made, 0, graph.AxisElem(i))
		draw := func(x *graph.Node) *graph.Node { return graph.Reshape(graph.SliceAxis(x, 0, graph.AxisElem(i))) }
		room := graph.LessThan(count, graph.Scalar(g, dtypes.Int32, size))
		which := graph.ConvertDType(graph.Floor(graph.MulScalar(draw(place), float64(size))), dtypes.Int32)
		at := graph.Equal(places, graph.Where(room, count, which)) // no slice at a place that is computed: the pure-Go backend has none
		hot := graph.BroadcastToDims(at, all.Shape().Dimensions...)
		old := graph.ReduceAndKeep(graph.Where(hot, all, graph.ZerosLike(all)), graph.ReduceSum, 0)
		swapped := graph.LogicalAnd(graph.LogicalNot(room), graph.GreaterThan(draw(swap), graph.Scalar(g, dtypes.Float32, 0.5)))
		given[i] = graph.Where(swapped, old, one)
		all = graph.Where(graph.LogicalAnd(hot, graph.LogicalOr(room, swapped)), graph.BroadcastToDims(one, all.Shape().Dimensions...), all)
		count = graph.Where(room, graph.OnePlus(count), count)
	}
	kept.SetNodeValue(all)
	counter.SetNodeValue(count)
	return graph.Concatenate(given, 0)
}
