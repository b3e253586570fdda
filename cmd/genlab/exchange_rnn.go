package main

import (
	"bytes"
	"fmt"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/rnn"
	"genlab/lib/nn"
	"genlab/lib/torch"
)

func forwardRNN(r *request) (*torch.StateDict, error) {
	cfg := rnn.DefaultArticle()
	if err := r.decode(&cfg); err != nil {
		return nil, err
	}
	net, err := rnn.NewArticle(cfg)
	if err != nil {
		return nil, err
	}
	in, err := r.take(
		input{name: "x", dtype: torch.F32, shape: []int{anyBatch, anyLength, cfg.InputSize}},
		input{name: "hidden", dtype: torch.F32, shape: []int{1, anyBatch, cfg.HiddenSize}})
	if err != nil {
		return nil, err
	}
	return r.once(in, func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		logits, last := net.Forward(s, in[0], in[1])
		return map[string]*graph.Node{"output": logits, "hidden": last}
	}, part{"", net})
}

func stepRNN(r *request) (*torch.StateDict, error) {
	cfg := struct {
		rnn.ArticleConfig
		Rate  float64 `json:"lr"`
		Steps int     `json:"steps"`
	}{rnn.DefaultArticle(), 1e-3, 1}
	if err := r.decode(&cfg); err != nil {
		return nil, err
	}
	net, err := rnn.NewArticle(cfg.ArticleConfig)
	if err != nil {
		return nil, err
	}
	in, err := r.take(
		input{name: "x", dtype: torch.F32, shape: []int{anyBatch, anyLength, cfg.InputSize}},
		input{name: "hidden", dtype: torch.F32, shape: []int{1, anyBatch, cfg.HiddenSize}},
		input{name: "labels", dtype: torch.I64, shape: []int{anyBatch, anyLength}, below: cfg.OutputSize})
	if err != nil {
		return nil, err
	}
	if cfg.Steps < 1 {
		return nil, fmt.Errorf("--config: steps is %d: it must be at least 1", cfg.Steps)
	}
	s, err := r.open(part{"", net})
	if err != nil {
		return nil, err
	}
	params, adam := nn.Trained(net), nn.NewAdam(cfg.Rate)
	out, err := s.steps(repeated(in, cfg.Steps), func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		logits, _ := net.Forward(s, in[0], in[1])
		loss := rnn.ArticleLoss(logits, in[2])
		grads := nn.Gradients(s, loss, params)
		adam.Update(s, params, grads)
		out := gradients(params, grads)
		out["loss"] = loss
		return out
	})
	if err != nil {
		return nil, err
	}
	return out, s.params(out, part{"", net})
}

// repeated puts each tensor n times along a new first axis: the same batch in each step.
func repeated(list []*tensors.Tensor, n int) []*tensors.Tensor {
	out := make([]*tensors.Tensor, len(list))
	for i, t := range list {
		out[i] = tensors.FromShape(shapes.Make(t.DType(), append([]int{n}, t.Shape().Dimensions...)...))
		t.ConstBytes(func(one []byte) { //nolint:errcheck // tensors from files have bytes
			out[i].MutableBytes(func(all []byte) { copy(all, bytes.Repeat(one, n)) }) //nolint:errcheck // as has a fresh one
		})
	}
	return out
}
