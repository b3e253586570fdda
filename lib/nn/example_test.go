package nn_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
)

// tiny is a network of two layers; the tags are the names that its weights have in PyTorch's files.
type tiny struct {
	FC1 *nn.Linear `nn:"fc1"`
	FC2 *nn.Linear `nn:"fc2"`
}

// forward takes x: [batch, 3] to [batch, 2].
func (t *tiny) forward(s *model.Scope, x *graph.Node) *graph.Node {
	return t.FC2.Forward(s, nn.GELU{}.Forward(s, t.FC1.Forward(s, x)))
}

// A network is a struct of layers with PyTorch's names; a Runner holds its weights and runs its graphs.
func Example() {
	net := nn.Name(&tiny{nn.NewLinear(3, 8, true), nn.NewLinear(8, 2, true)})
	for name := range nn.Params(net) {
		fmt.Println(name)
	}
	b, err := backend.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	run := nn.NewRunner("tiny", b)
	if err := nn.Create(run.Store.RootScope(), net, 1); err != nil {
		fmt.Println(err)
		return
	}
	out, err := run.Call(context.Background(), "forward", func(s *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{net.forward(s, in[0])}
	}, [][]float32{{1, 2, 3}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(out[0].Shape())
	// Output:
	// fc1.weight
	// fc1.bias
	// fc2.weight
	// fc2.bias
	// (Float32)[1, 2]
}
