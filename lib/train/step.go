package train

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Step builds the graph of one training step: forward pass, gradients, the optimiser's update. The batch is what the data set gives, then
// what the step would else draw itself, such as its noise: who repeats a step to the digit gives that too. A model has one function that
// makes its Step, which trains, is compared with PyTorch and is timed.
type Step func(s *model.Scope, batch Batch) Stepped

// First is a step that is given the first n tensors of a batch alone: whatever a data set gives besides is none of its inputs.
func (f Step) First(n int) Step {
	return func(s *model.Scope, batch Batch) Stepped { return f(s, batch[:min(n, len(batch))]) }
}

// Batch is the tensors that a step is given, in the order that its model states.
type Batch []*graph.Node

// At is a tensor of the batch; nil where it isn't given.
func (b Batch) At(i int) *graph.Node {
	if i >= len(b) {
		return nil
	}
	return b[i]
}

// Stepped is what a step computes besides moving the weights.
type Stepped struct {
	Metrics   []*graph.Node // scalars, float32
	Gradients []nn.Gradient // of the loss, as they come; a training asks for none, and XLA then keeps none
}
