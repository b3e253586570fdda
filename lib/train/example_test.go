package train_test

import (
	"context"
	"fmt"
	"os"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/train"
)

// line is points of y = 2x + 1, the same in each batch.
type line struct{}

func (line) Steps() int { return 20 }

func (line) Batch(_, _ int) ([]*tensors.Tensor, error) {
	return []*tensors.Tensor{tensors.FromValue([][]float32{{-1}, {0}, {1}}), tensors.FromValue([][]float32{{-1}, {1}, {3}})}, nil
}

// A model is a struct of layers, a step the graph that moves its weights; Run does the rest, and goes on where an earlier call left off.
func Example() {
	if err := fitLine(); err != nil {
		fmt.Println(err)
	}
	// Output: y = 2.00x + 1.00
}

func fitLine() error {
	b, err := backend.Open()
	if err != nil {
		return err
	}
	run, err := os.MkdirTemp("", "line")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(run) }()

	net := nn.Name(&struct {
		FC *nn.Linear `nn:"fc"`
	}{nn.NewLinear(1, 1, true)})
	store := model.NewStore()
	if err := nn.Create(store.RootScope(), net, 1); err != nil {
		return err
	}
	params, adam := nn.Trained(net), nn.NewAdam(0.1)
	step := func(s *model.Scope, batch train.Batch) train.Stepped {
		loss := nn.MSELoss{}.Of(net.FC.Forward(s, batch.At(0)), batch.At(1))
		adam.Update(s, params, nn.Gradients(s, loss, params))
		return train.Stepped{Metrics: []*graph.Node{loss}}
	}
	job := train.Job{Model: "line", Config: struct{}{}, Store: store, Step: step, Metrics: []string{"loss"}, Data: line{}}
	quiet := func(train.Progress) {}
	if err := train.Run(context.Background(), b, job, train.Options{Run: run, Epochs: 30, Watch: quiet}); err != nil {
		return err
	}
	out, err := model.CallOnce(b, store, func(s *model.Scope, x *graph.Node) *graph.Node { return net.FC.Forward(s, x) }, [][]float32{{0}, {1}})
	if err != nil {
		return err
	}
	y := out.Value().([][]float32)
	fmt.Printf("y = %.2fx + %.2f\n", y[1][0]-y[0][0], y[0][0])
	return nil
}
