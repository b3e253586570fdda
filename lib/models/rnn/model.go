package rnn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Net is the language model's layers: a character's vector, the recurrent layers, the next character's logits.
type Net struct {
	Embed *nn.Embedding `nn:"embed"`
	RNN   *nn.Recurrent `nn:"rnn"`
	Drop  *nn.Dropout   `nn:"drop"`
	Head  *nn.Linear    `nn:"head"`
}

// NewNet declares the layers.
func NewNet(c Config) (*Net, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	size := len([]rune(c.Vocab))
	return nn.Name(&Net{
		Embed: nn.NewEmbedding(size, c.Embed),
		RNN: nn.NewRecurrent(nn.RecurrentConfig{
			Cell: cells[c.Cell], Input: c.Embed, Hidden: c.Hidden, Layers: c.Layers, BatchFirst: true, Dropout: c.Dropout,
		}),
		Drop: &nn.Dropout{P: c.Dropout},
		Head: nn.NewLinear(c.Hidden, size, true),
	}), nil
}

// String is the class's name in the PyTorch program that it is compared with.
func (n *Net) String() string { return "CharLM" }

// Forward reads characters from a state on. tokens: integers [batch, time], logits: [batch, time, vocab].
func (n *Net) Forward(s *model.Scope, tokens *graph.Node, state nn.RecurrentState) (logits *graph.Node, last nn.RecurrentState) {
	y, last := n.RNN.Forward(s, n.Embed.Forward(s, tokens), state, nil)
	return n.Head.Forward(s, n.Drop.Forward(s, y)), last
}

// states is a state as a list: H and, for an LSTM, C.
func states(s nn.RecurrentState) []*graph.Node {
	if s.C == nil {
		return []*graph.Node{s.H}
	}
	return []*graph.Node{s.H, s.C}
}

func stateOf(list []*graph.Node) nn.RecurrentState {
	if len(list) == 1 {
		return nn.RecurrentState{H: list[0]}
	}
	return nn.RecurrentState{H: list[0], C: list[1]}
}
