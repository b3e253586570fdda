package main

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/transformer"
	"genlab/lib/torch"
)

func forwardAttention(r *request) (*torch.StateDict, error) {
	article := transformer.DefaultEncoder()
	cfg := transformer.AttentionConfig{EmbedSize: article.EmbedSize, Heads: article.Heads, Variant: article.Variant}
	if err := r.decode(&cfg); err != nil {
		return nil, err
	}
	net, err := transformer.NewMultiHeadAttention(cfg)
	if err != nil {
		return nil, err
	}
	in, err := r.take(
		input{name: "values", dtype: torch.F32, shape: []int{anyBatch, anyKeys, cfg.EmbedSize}},
		input{name: "keys", dtype: torch.F32, shape: []int{anyBatch, anyKeys, cfg.EmbedSize}},
		input{name: "query", dtype: torch.F32, shape: []int{anyBatch, anyLength, cfg.EmbedSize}},
		input{name: "mask", dtype: torch.F32, shape: []int{anyBatch, 1, anyLength, anyKeys}, optional: true})
	if err != nil {
		return nil, err
	}
	return r.once(in, func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		out, _ := net.Forward(s, in[0], in[1], in[2], in[3])
		return map[string]*graph.Node{"out": out}
	}, part{"", net})
}

func forwardEncoder(r *request) (*torch.StateDict, error) {
	cfg := transformer.DefaultEncoder()
	if err := r.decode(&cfg); err != nil {
		return nil, err
	}
	net, err := transformer.NewEncoder(cfg)
	if err != nil {
		return nil, err
	}
	in, err := r.take(
		input{name: "x", dtype: torch.I64, shape: []int{anyBatch, anyLength}, below: net.WordEmbedding.Num},
		input{name: "mask", dtype: torch.F32, shape: []int{anyBatch, 1, 1, anyLength}, optional: true})
	if err != nil {
		return nil, err
	}
	return r.once(in, func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		out, _ := net.Forward(s, in[0], in[1])
		return map[string]*graph.Node{"out": out}
	}, part{"", net})
}
