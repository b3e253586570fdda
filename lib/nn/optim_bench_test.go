package nn

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
)

// BenchmarkAdam is a step of Adam for four million values, in forty parameters as in a model, and in one, as a fused optimiser has them.
func BenchmarkAdam(b *testing.B) {
	be, err := backend.New("xla:cpu")
	if err != nil {
		b.Skip(err)
	}
	for name, count := range map[string]int{"forty": 40, "one": 1} {
		b.Run(name, func(b *testing.B) {
			net := make([]any, count)
			for i := range net {
				net[i] = &Param{Shape: []int{4_000_000 / count}, Init: UniformInit(1)}
			}
			Name(net)
			store := model.NewStore()
			if err := Create(store.RootScope(), net, 1); err != nil {
				b.Fatal(err)
			}
			params := Trained(net)
			exec, err := model.NewExec(be, store, func(s *model.Scope, x *graph.Node) *graph.Node {
				var gradients []*graph.Node
				for _, p := range params {
					gradients = append(gradients, graph.MulScalar(p.Node(s, x.Graph()), 0.1))
				}
				NewAdam(1e-3).Update(s, params, gradients)
				return x
			})
			if err != nil {
				b.Fatal(err)
			}
			defer exec.Finalize()
			x := tensors.FromShape(shapes.Make(dtypes.Float32))
			exec.MustCall(x)
			for b.Loop() {
				exec.MustCall(x)
			}
		})
	}
}
