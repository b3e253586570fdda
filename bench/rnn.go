package bench

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/rnn"
	"genlab/lib/nn"
)

func articleRNN() *Workload {
	c, p := rnn.DefaultArticle(), rnn.DefaultProgram()
	return &Workload{
		Name:      "rnn",
		About:     "the article's RNN, a training step",
		Tolerance: 1e-4,
		Sizes:     Sizes{"batch": p.Batch, "length": p.Length, "input": c.InputSize, "hidden": c.HiddenSize, "output": c.OutputSize},
		Tiny:      Sizes{"length": 6},
		Growth:    map[string][]int{"length": {15, 30, 60, 120, 240, 480}},
		open: func(z Sizes) (*Side, error) {
			net, err := rnn.NewArticle(rnn.ArticleConfig{InputSize: z["input"], HiddenSize: z["hidden"], OutputSize: z["output"]})
			if err != nil {
				return nil, err
			}
			d := newDraw()
			return trainingSide("rnn", net, 1e-3, []input{
				{"x", d.normal(z["batch"], z["length"], z["input"])},
				{"hidden", tensors.FromFlatDataAndDimensions(make([]float32, z["batch"]*z["hidden"]), 1, z["batch"], z["hidden"])},
				{"labels", d.tokens(0, z["output"], z["batch"], z["length"])},
			}, func(s *model.Scope, in []*graph.Node) *graph.Node {
				logits, _ := net.Forward(s, in[0], in[1])
				return rnn.ArticleLoss(logits, in[2])
			})
		},
	}
}

func lstm() *Workload {
	return &Workload{
		Name:      "lstm",
		About:     "an LSTM layer: forward, backward, Adam; the loss is the mean square of all outputs",
		Tolerance: 1e-3,
		Sizes:     Sizes{"batch": 32, "length": 128, "hidden": 512},
		Tiny:      Sizes{"batch": 3, "length": 7, "hidden": 8},
		Growth:    map[string][]int{"length": {16, 32, 64, 128, 256}, "batch": {8, 16, 32, 64}, "hidden": {64, 128, 256, 512}},
		open: func(z Sizes) (*Side, error) {
			layer := nn.Name(&struct {
				RNN *nn.Recurrent `nn:"rnn"`
			}{nn.NewRecurrent(nn.RecurrentConfig{Cell: nn.LSTMCell, Input: z["hidden"], Hidden: z["hidden"], BatchFirst: true})})
			return trainingSide("lstm", layer, 1e-3, []input{
				{"x", newDraw().normal(z["batch"], z["length"], z["hidden"])},
			}, func(s *model.Scope, in []*graph.Node) *graph.Node {
				y, _ := layer.RNN.Forward(s, in[0], layer.RNN.ZeroState(in[0].Graph(), z["batch"]), nil)
				return graph.ReduceAllMean(graph.Square(y))
			})
		},
	}
}
