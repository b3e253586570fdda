package gpt

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// Attention is causal self-attention. Queries, keys and values stand beside each other in one projection.
type Attention struct {
	config Config

	QKV             *Conv1D     `nn:"c_attn"` // out: embed + 2·kv heads·dim
	Out             *Conv1D     `nn:"c_proj"`
	Dropout         *nn.Dropout `nn:"attn_dropout"`
	ResidualDropout *nn.Dropout `nn:"resid_dropout"`
}

func newAttention(c Config, std, residual float64) *Attention {
	return &Attention{
		config:          c,
		QKV:             newConv1D(c.Embed, c.Embed+2*c.kvHeads()*c.Embed/c.Heads, c.Bias, std),
		Out:             newConv1D(c.Embed, c.Embed, c.Bias, residual),
		Dropout:         &nn.Dropout{P: c.Dropout},
		ResidualDropout: &nn.Dropout{P: c.Dropout},
	}
}

// Forward attends among the positions of x: [batch, length, embed], from each to those before it.
func (a *Attention) Forward(s *model.Scope, x, positions *graph.Node) *graph.Node {
	q, k, v := a.project(s, x, positions)
	return a.out(s, nn.CausalHeads(s, q, k, v, nil, a.Dropout))
}

// atOnce is Forward by all weights at once, however long the text, for who wants to see them.
func (a *Attention) atOnce(s *model.Scope, x, positions *graph.Node) *graph.Node {
	q, k, v := a.project(s, x, positions)
	mask := nn.Causal(x.Graph(), x.Shape().Dim(1))
	return a.out(s, nn.AttendHeads(s, q, nn.KeysLast(k), nn.HeadsFirst(v), mask, a.Dropout))
}

// out projects what the heads saw.
func (a *Attention) out(s *model.Scope, heads *graph.Node) *graph.Node {
	return a.ResidualDropout.Forward(s, a.Out.Forward(s, heads))
}

// project gives q: [batch, length, heads, dim], and k and v: [batch, length, kv heads, dim].
// positions: integers [length] or [batch, length].
func (a *Attention) project(s *model.Scope, x, positions *graph.Node) (q, k, v *graph.Node) {
	c, batch, length := a.config, x.Shape().Dim(0), x.Shape().Dim(1)
	dim := c.Embed / c.Heads
	y := a.QKV.Forward(s, x)
	from := 0
	part := func(n int) *graph.Node {
		p := graph.Reshape(graph.SliceAxis(y, 2, graph.AxisRange(from, from+n*dim)), batch, length, n, dim)
		from += n * dim
		return p
	}
	q, k, v = part(c.Heads), part(c.kvHeads()), part(c.kvHeads())
	if c.Positions == Rotary {
		q, k = nn.Rotary(q, positions, c.theta()), nn.Rotary(k, positions, c.theta())
	}
	return q, k, v
}

func intShape(dims ...int) shapes.Shape { return shapes.Make(dtypes.Int32, dims...) }
