package bench

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/spec"
)

// machine is what the machine can do at most, as each framework reaches it: a matrix product's arithmetic, a copy's memory traffic.
func machine() []*spec.Workload {
	return []*spec.Workload{
		{
			Name: "matmul", Peer: "machine", About: "one product of two square matrices, the machine's arithmetic", Tolerance: 1e-3,
			Sizes: spec.Sizes{"n": 2048}, Tiny: spec.Sizes{"n": 16},
			Open: func(z spec.Sizes) (*spec.Side, error) {
				n, d := z["n"], spec.NewDraw()
				return spec.GraphSide("matmul", nil, []spec.Given{{Name: "a", Value: d.Uniform(0, 1, n, n)}, {Name: "b", Value: d.Uniform(0, 1, n, n)}},
					func(_ *model.Scope, in []*graph.Node) []*graph.Node {
						return []*graph.Node{graph.ReduceAllMean(graph.Dot(in[0], in[1]).MatMul())}
					})
			},
		},
		{
			Name: "copy", Peer: "machine", About: "a hundred million values read, added to, and written, the machine's memory", Tolerance: 1e-3,
			Sizes: spec.Sizes{"n": 100_000_000}, Tiny: spec.Sizes{"n": 16},
			Open: func(z spec.Sizes) (*spec.Side, error) {
				n := z["n"]
				return spec.GraphSide("copy", nil, []spec.Given{{Name: "a", Value: spec.NewDraw().Uniform(0, 1, 1)}}, func(s *model.Scope, in []*graph.Node) []*graph.Node {
					v := s.VariableWithShape("x", shapes.Make(dtypes.Float32, n)).SetTrainable(false)
					next := graph.Add(v.NodeValue(in[0].Graph()), in[0])
					v.SetNodeValue(next)
					return []*graph.Node{graph.Reshape(graph.Slice(next, graph.AxisElem(0)))}
				})
			},
		},
	}
}
