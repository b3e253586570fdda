package main

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/rnn"
	"genlab/lib/nn"
	"genlab/lib/torch"
)

func openRNN(r *request) (structure, error) {
	cfg := rnn.DefaultArticle()
	if err := r.decode(&cfg); err != nil {
		return structure{}, err
	}
	net, err := rnn.NewArticle(cfg)
	return structure{
		net: net,
		inputs: []input{
			{name: "x", dtype: torch.F32, shape: []int{anyBatch, anyLength, cfg.InputSize}},
			{name: "hidden", dtype: torch.F32, shape: []int{1, anyBatch, cfg.HiddenSize}},
		},
		forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			logits, last := net.Forward(s, in[0], in[1])
			return map[string]*graph.Node{"output": logits, "hidden": last}
		},
		sizes: map[int]int{anyBatch: 5, anyLength: 15},
	}, err
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
	if err := checkRate(cfg.Rate); err != nil {
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
	out, err := s.repeat(cfg.Steps, func(int) []*tensors.Tensor { return in }, func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
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

// openCharLM is the language model of characters; without a state it begins at zeros.
func openCharLM(r *request) (structure, error) {
	cfg := rnn.Default()
	cfg.Vocab = "abcdefghijklmnopqrstuvwxyz "
	if err := r.decode(&cfg); err != nil {
		return structure{}, err
	}
	net, err := rnn.NewNet(cfg)
	state := []int{cfg.Layers, anyBatch, cfg.Hidden}
	inputs := []input{
		{name: "x", dtype: torch.I64, shape: []int{anyBatch, anyLength}, below: len([]rune(cfg.Vocab))},
		{name: "hidden", dtype: torch.F32, shape: state, optional: true},
	}
	if cfg.Cell == "lstm" {
		inputs = append(inputs, input{name: "cell", dtype: torch.F32, shape: state, optional: true})
	}
	return structure{
		net:    net,
		inputs: inputs,
		forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			given := net.RNN.ZeroState(in[0].Graph(), in[0].Shape().Dim(0))
			if in[1] != nil {
				given.H = in[1]
			}
			if len(in) > 2 && in[2] != nil {
				given.C = in[2]
			}
			logits, last := net.Forward(s, in[0], given)
			out := map[string]*graph.Node{"logits": logits, "hidden": last.H}
			if last.C != nil {
				out["cell"] = last.C
			}
			return out
		},
		sizes: map[int]int{anyLength: 64},
	}, err
}
