package nnspec

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

func init() {
	type recurrentArgs struct {
		Input         int     `json:"input_size"`
		Hidden        int     `json:"hidden_size"`
		Layers        int     `json:"num_layers"`
		Nonlinearity  string  `json:"nonlinearity"` // of RNN
		Bias          bool    `json:"bias"`
		BatchFirst    bool    `json:"batch_first"`
		Dropout       float64 `json:"dropout"`
		Bidirectional bool    `json:"bidirectional"`
	}
	for id, cell := range map[string]nn.Cell{"RNN": nn.TanhCell, "LSTM": nn.LSTMCell, "GRU": nn.GRUCell} {
		add("torch.nn."+id, recurrentArgs{Layers: 1, Bias: true, Nonlinearity: "tanh"}, func(a recurrentArgs) (Case, error) {
			cell := cell
			switch {
			case a.Nonlinearity == "relu" && cell == nn.TanhCell:
				cell = nn.ReLUCell
			case a.Nonlinearity != "tanh":
				return Case{}, fmt.Errorf("nonlinearity is %q: it must be tanh or, for an RNN, relu", a.Nonlinearity)
			}
			l := nn.NewRecurrent(nn.RecurrentConfig{
				Cell: cell, Input: a.Input, Hidden: a.Hidden, Layers: a.Layers, Bidirectional: a.Bidirectional, BatchFirst: a.BatchFirst,
				Dropout: a.Dropout, NoBias: !a.Bias,
			})
			c := Case{Net: l, Inputs: []string{"input", "h_0"}, Required: 1}
			if cell == nn.LSTMCell {
				c.Inputs = append(c.Inputs, "c_0")
			}
			c.Forward = func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
				batch := 1
				if a.BatchFirst {
					batch = 0
				}
				state := l.ZeroState(in[0].Graph(), in[0].Shape().Dim(batch))
				if in[1] != nil {
					state.H = in[1]
				}
				if len(in) > 2 && in[2] != nil {
					state.C = in[2]
				}
				y, last := l.Forward(s, in[0], state, nil)
				out := map[string]*graph.Node{"output": y, "h_n": last.H}
				if last.C != nil {
					out["c_n"] = last.C
				}
				return out
			}
			return c, nil
		})
	}
	type dropoutArgs struct {
		P float64 `json:"p"`
		inplace
	}
	add("torch.nn.Dropout", dropoutArgs{P: 0.5}, func(a dropoutArgs) (Case, error) { return plain(&nn.Dropout{P: a.P}), nil })
	for axes := 1; axes <= 3; axes++ {
		add(fmt.Sprintf("torch.nn.Dropout%dd", axes), dropoutArgs{P: 0.5}, func(a dropoutArgs) (Case, error) {
			return images(&nn.ChannelDropout{Axes: axes, P: a.P}), nil
		})
	}
}
