package main

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/transformer"
	"genlab/lib/nn"
	"genlab/lib/torch"
)

func openAttention(r *request) (structure, error) {
	article := transformer.DefaultEncoder()
	cfg := transformer.AttentionConfig{EmbedSize: article.EmbedSize, Heads: article.Heads, Variant: article.Variant}
	if err := r.decode(&cfg); err != nil {
		return structure{}, err
	}
	net, err := transformer.NewMultiHeadAttention(cfg)
	return structure{
		net: net,
		inputs: []input{
			{name: "values", dtype: torch.F32, shape: []int{anyBatch, anyKeys, cfg.EmbedSize}},
			{name: "keys", dtype: torch.F32, shape: []int{anyBatch, anyKeys, cfg.EmbedSize}},
			{name: "query", dtype: torch.F32, shape: []int{anyBatch, anyLength, cfg.EmbedSize}},
			{name: "mask", dtype: mask, shape: []int{anyBatch, 1, anyLength, anyKeys}, optional: true},
		},
		forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			out, _ := net.Forward(s, in[0], in[1], in[2], in[3])
			return map[string]*graph.Node{"out": out}
		},
		sizes: map[int]int{anyKeys: article.MaxLength, anyLength: article.MaxLength},
	}, err
}

func openEncoder(r *request) (structure, error) {
	cfg := transformer.DefaultEncoder()
	if r.inputs == nil {
		cfg.Variant = transformer.Published // what the article prints
	}
	if err := r.decode(&cfg); err != nil {
		return structure{}, err
	}
	net, err := transformer.NewEncoder(cfg)
	if err != nil {
		return structure{}, err
	}
	return structure{
		net: net,
		inputs: []input{
			{name: "x", dtype: torch.I64, shape: []int{anyBatch, anyLength}, below: net.WordEmbedding.Num, longest: cfg.MaxLength},
			{name: "mask", dtype: mask, shape: []int{anyBatch, 1, 1, anyLength}, optional: true},
		},
		forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			out, _ := net.Forward(s, in[0], in[1])
			return map[string]*graph.Node{"out": out}
		},
		sizes: map[int]int{anyLength: cfg.MaxLength},
	}, nil
}

// openTransformer is nn.Transformer; padding is true where a position is to be left out, as PyTorch has it.
func openTransformer(r *request) (structure, error) {
	cfg := transformer.Base()
	if err := r.decode(&cfg); err != nil {
		return structure{}, err
	}
	core, err := transformer.NewCore(cfg)
	return structure{
		net: core,
		inputs: []input{
			{name: "src", dtype: torch.F32, shape: []int{anyBatch, anyKeys, cfg.DModel}},
			{name: "tgt", dtype: torch.F32, shape: []int{anyBatch, anyLength, cfg.DModel}},
			{name: "src_padding", dtype: torch.BOOL, shape: []int{anyBatch, anyKeys}, optional: true},
			{name: "tgt_padding", dtype: torch.BOOL, shape: []int{anyBatch, anyLength}, optional: true},
		},
		forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			not := func(padding *graph.Node) *graph.Node {
				if padding == nil {
					return nil
				}
				return graph.LogicalNot(padding)
			}
			out, _ := core.Forward(s, in[0], in[1], not(in[2]), not(in[3]))
			return map[string]*graph.Node{"out": out}
		},
		sizes: map[int]int{anyKeys: 10, anyLength: 10},
	}, err
}

func openTranslator(r *request) (structure, error) {
	cfg := transformer.Default(4)
	if err := r.decode(&cfg); err != nil {
		return structure{}, err
	}
	net, err := transformer.NewNet(cfg)
	return structure{
		net:    net,
		inputs: translatorTexts(cfg),
		forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			logits, _ := net.Forward(s, in[0], in[1])
			return map[string]*graph.Node{"logits": logits}
		},
		sizes: map[int]int{anyKeys: 10, anyLength: 10},
	}, err
}

// translatorTexts are the inputs of one batch, after axes before it.
func translatorTexts(cfg transformer.Config, before ...int) []input {
	shape := func(length int) []int { return append(slices.Clone(before), anyBatch, length) }
	return []input{
		{name: "src", dtype: torch.I64, shape: shape(anyKeys), below: cfg.SourceVocab, longest: cfg.MaxLength},
		{name: "tgt", dtype: torch.I64, shape: shape(anyLength), below: cfg.TargetVocab, longest: cfg.MaxLength},
	}
}

func stepTranslator(r *request) (*torch.StateDict, error) {
	cfg := struct {
		transformer.Config
		Smoothing float64 `json:"label_smoothing"`
		WarmUp    int     `json:"warmup"`
		Factor    float64 `json:"factor"`
		Eps       float64 `json:"eps"`
	}{transformer.Default(4), 0.1, 4000, 1, 1e-9}
	if err := r.decode(&cfg); err != nil {
		return nil, err
	}
	net, err := transformer.NewNet(cfg.Config)
	if err != nil {
		return nil, err
	}
	in, err := r.take(append(translatorTexts(cfg.Config, anySteps),
		input{name: "labels", dtype: torch.I64, shape: []int{anySteps, anyBatch, anyLength}, below: cfg.TargetVocab})...)
	if err != nil {
		return nil, err
	}
	s, err := r.open(part{"", net})
	if err != nil {
		return nil, err
	}
	params, adam := nn.Trained(net), transformer.Adam(transformer.WarmUp(cfg.DModel, cfg.WarmUp, cfg.Factor))
	adam.Eps = cfg.Eps
	out, err := s.steps(in, func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		logits, _ := net.Forward(s, in[0], in[1])
		loss := transformer.Loss(logits, in[2], cfg.Smoothing)
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
