package nnspec

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
)

// batchFirst is the only order that attention has here.
type batchFirst struct {
	BatchFirst bool `json:"batch_first"`
}

func (b batchFirst) check() error {
	if !b.BatchFirst {
		return fmt.Errorf("batch_first is false: it must be true")
	}
	return nil
}

// attentionMask joins PyTorch's two masks, whose bools forbid, to one whose bools allow; floats are added. attn: [query, key] or [batch·heads,
// query, key], padding: [batch, key]; both may be nil.
func attentionMask(attn, padding *graph.Node, heads int) *graph.Node {
	if attn != nil {
		if attn.Rank() == 3 {
			d := attn.Shape().Dimensions
			attn = graph.Reshape(attn, d[0]/heads, heads, d[1], d[2])
		} else {
			attn = graph.InsertAxes(attn, 0, 0)
		}
	}
	if padding != nil {
		padding = graph.InsertAxes(padding, 1, 1)
	}
	masks := []*graph.Node{attn, padding}
	floats := false
	for i, m := range masks {
		if m != nil && !m.DType().IsFloat() {
			masks[i] = graph.ConvertDType(m, dtypes.Bool)
		} else if m != nil {
			floats = true
		}
	}
	var joined *graph.Node
	for _, m := range masks {
		switch {
		case m == nil:
			continue
		case !floats:
			m = graph.LogicalNot(m)
		case !m.DType().IsFloat():
			m = graph.Where(m, graph.Const(m.Graph(), float32(-1e30)), graph.Const(m.Graph(), float32(0)))
		}
		switch {
		case joined == nil:
			joined = m
		case floats:
			joined = graph.Add(joined, m)
		default:
			joined = graph.LogicalAnd(joined, m)
		}
	}
	return joined
}

// toLength changes [batch, heads, length, dim], PyTorch's order, with [batch, length, heads, dim].
func toLength(x *graph.Node) *graph.Node { return graph.TransposeAllAxes(x, 0, 2, 1, 3) }

// repeatHeads gives each head of keys or values, [batch, length, kv heads, dim], to the queries' heads that share it.
func repeatHeads(x *graph.Node, heads int) *graph.Node {
	d := slices.Clone(x.Shape().Dimensions)
	times := heads / d[2]
	return graph.Reshape(graph.BroadcastToDims(graph.InsertAxes(x, 3), d[0], d[1], d[2], times, d[3]), d[0], d[1], heads, d[3])
}

func init() {
	type attentionArgs struct {
		Embed     int     `json:"embed_dim"`
		Heads     int     `json:"num_heads"`
		Dropout   float64 `json:"dropout"`
		Bias      bool    `json:"bias"`
		BiasKV    bool    `json:"add_bias_kv"`
		ZeroAttn  bool    `json:"add_zero_attn"`
		KeyDim    int     `json:"kdim"`
		ValueDim  int     `json:"vdim"`
		EachHeads bool    `json:"per_head_weights"` // not PyTorch's constructor's: its forward's average_attn_weights=False
		batchFirst
	}
	add("torch.nn.MultiheadAttention", attentionArgs{Bias: true}, func(a attentionArgs) (Case, error) {
		l := nn.NewAttention(nn.AttentionConfig{
			Embed: a.Embed, Heads: a.Heads, KeyDim: a.KeyDim, ValueDim: a.ValueDim, NoBias: !a.Bias, BiasKV: a.BiasKV, ZeroKey: a.ZeroAttn,
		}, a.Dropout)
		return Case{
			Net: l, Inputs: []string{"query", "key", "value", "key_padding_mask", "attn_mask"}, Required: 3,
			Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
				y, weights := l.ForwardKV(s, in[0], in[1], in[2], attentionMask(in[4], in[3], a.Heads))
				if !a.EachHeads {
					weights = graph.ReduceMean(weights, 1)
				}
				return map[string]*graph.Node{"output": y, "weights": weights}
			},
		}, a.check()
	})

	type productArgs struct {
		Causal bool    `json:"is_causal"`
		Scale  float64 `json:"scale"`
		Groups bool    `json:"enable_gqa"`
	}
	add("torch.nn.functional.scaled_dot_product_attention", productArgs{}, func(a productArgs) (Case, error) {
		return Case{Inputs: []string{"query", "key", "value", "attn_mask"}, Required: 3, Forward: func(_ *model.Scope, in []*graph.Node) map[string]*graph.Node {
			q, k, v, mask := toLength(in[0]), toLength(in[1]), toLength(in[2]), in[3]
			if a.Groups {
				k, v = repeatHeads(k, q.Shape().Dim(2)), repeatHeads(v, q.Shape().Dim(2))
			}
			if a.Causal {
				d := []int{q.Shape().Dim(1), k.Shape().Dim(1)}
				whole := shapes.Make(dtypes.Int32, d...)
				mask = graph.InsertAxes(graph.GreaterOrEqual(graph.Iota(q.Graph(), whole, 0), graph.Iota(q.Graph(), whole, 1)), 0, 0)
			} else if mask != nil {
				mask = graph.ExpandLeftToRank(mask, 4)
			}
			scale := cmp.Or(a.Scale, 1/math.Sqrt(float64(q.Shape().Dim(3))))
			return output(toLength(nn.Mix(nn.MaskedSoftmax(nn.Scores(q, k, scale), mask), v)))
		}}, nil
	})

	type layerArgs struct {
		Dim         int     `json:"d_model"`
		Heads       int     `json:"nhead"`
		FeedForward int     `json:"dim_feedforward"`
		Dropout     float64 `json:"dropout"`
		Activation  string  `json:"activation"`
		Eps         float64 `json:"layer_norm_eps"`
		NormFirst   bool    `json:"norm_first"`
		Bias        bool    `json:"bias"`
		batchFirst
	}
	config := func(a layerArgs) (nn.TransformerConfig, error) {
		c := nn.TransformerConfig{Embed: a.Dim, Heads: a.Heads, Inner: a.FeedForward, Dropout: a.Dropout, Activate: nn.ReLU{}, NormFirst: a.NormFirst, NoBias: !a.Bias, Eps: a.Eps}
		switch a.Activation {
		case "relu":
		case "gelu":
			c.Activate = nn.GELU{}
		default:
			return c, fmt.Errorf("activation is %q: it must be relu or gelu", a.Activation)
		}
		return c, a.check()
	}
	byDefault := layerArgs{FeedForward: 2048, Dropout: 0.1, Activation: "relu", Eps: 1e-5, Bias: true}
	add("torch.nn.TransformerEncoderLayer", byDefault, func(a layerArgs) (Case, error) {
		c, err := config(a)
		if err != nil {
			return Case{}, err
		}
		l := nn.NewTransformerEncoderLayer(c)
		return Case{
			Net: l, Inputs: []string{"src", "src_mask", "src_key_padding_mask"}, Required: 1,
			Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
				out, _ := l.Forward(s, in[0], attentionMask(in[1], in[2], a.Heads))
				return output(out)
			},
		}, nil
	})
	add("torch.nn.TransformerDecoderLayer", byDefault, func(a layerArgs) (Case, error) {
		c, err := config(a)
		if err != nil {
			return Case{}, err
		}
		l := nn.NewTransformerDecoderLayer(c)
		return Case{
			Net: l, Required: 2,
			Inputs: []string{"tgt", "memory", "tgt_mask", "memory_mask", "tgt_key_padding_mask", "memory_key_padding_mask"},
			Forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
				out, _, _ := l.Forward(s, in[0], in[1], attentionMask(in[2], in[4], a.Heads), attentionMask(in[3], in[5], a.Heads))
				return output(out)
			},
		}, nil
	})
}
