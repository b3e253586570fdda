package bench

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// machine is what the machine can do at most, as each framework reaches it: a matrix product's arithmetic, a copy's memory traffic.
func machine() []*Workload {
	return []*Workload{
		{
			Name: "matmul", About: "one product of two square matrices, the machine's arithmetic", Tolerance: 1e-3,
			Sizes: Sizes{"n": 2048}, Tiny: Sizes{"n": 16},
			open: func(z Sizes) (*Side, error) {
				n, d := z["n"], newDraw()
				return graphSide("matmul", nil, []input{{"a", d.uniform(0, 1, n, n)}, {"b", d.uniform(0, 1, n, n)}},
					func(_ *model.Scope, in []*graph.Node) []*graph.Node {
						return []*graph.Node{graph.ReduceAllMean(graph.Dot(in[0], in[1]).MatMul())}
					})
			},
		},
		{
			Name: "copy", About: "a hundred million values read, added to, and written, the machine's memory", Tolerance: 1e-3,
			Sizes: Sizes{"n": 100_000_000}, Tiny: Sizes{"n": 16},
			open: func(z Sizes) (*Side, error) {
				n := z["n"]
				return graphSide("copy", nil, []input{{"a", newDraw().uniform(0, 1, 1)}}, func(s *model.Scope, in []*graph.Node) []*graph.Node {
					v := s.VariableWithShape("x", shapes.Make(dtypes.Float32, n)).SetTrainable(false)
					next := graph.Add(v.NodeValue(in[0].Graph()), in[0])
					v.SetNodeValue(next)
					return []*graph.Node{graph.Reshape(graph.Slice(next, graph.AxisElem(0)))}
				})
			},
		},
	}
}
