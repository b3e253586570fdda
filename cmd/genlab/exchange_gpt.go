package main

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/gpt"
	"genlab/lib/nn"
	"genlab/lib/torch"
)

func openGPTNet(r *request) (structure, error) {
	cfg := gpt.GPT2()
	if err := r.decode(&cfg); err != nil {
		return structure{}, err
	}
	net, err := gpt.NewNet(cfg)
	return structure{
		net:    net,
		inputs: []input{{name: "x", dtype: torch.I64, shape: []int{anyBatch, anyLength}, below: cfg.VocabSize, longest: cfg.Context}},
		forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"logits": net.Forward(s, in[0])}
		},
		sizes: map[int]int{anyLength: cfg.Context},
	}, err
}

func stepGPT(r *request) (*torch.StateDict, error) {
	cfg := struct {
		gpt.Config
		Rate    float64 `json:"lr"`
		MinRate float64 `json:"min_lr"`
		Warmup  int     `json:"warmup"`
		Total   int     `json:"total"`
		Decay   float64 `json:"weight_decay"`
		Clip    float64 `json:"clip"`
		Eps     float64 `json:"eps"`
	}{gpt.GPT2(), 6e-4, 6e-5, 2000, 600000, 0.1, 1, 1e-8}
	if err := r.decode(&cfg); err != nil {
		return nil, err
	}
	if err := checkRate(cfg.Rate); err != nil {
		return nil, err
	}
	net, err := gpt.NewNet(cfg.Config)
	if err != nil {
		return nil, err
	}
	in, err := r.take(
		input{name: "x", dtype: torch.I64, shape: []int{anySteps, anyBatch, anyLength}, below: cfg.VocabSize, longest: cfg.Context},
		input{name: "y", dtype: torch.I64, shape: []int{anySteps, anyBatch, anyLength}})
	if err != nil {
		return nil, err
	}
	s, err := r.open(part{"", net})
	if err != nil {
		return nil, err
	}
	params := nn.Trained(net)
	adam := gpt.Adam(nn.WarmupCosine(cfg.Rate, cfg.MinRate, cfg.Warmup, cfg.Total), cfg.Decay)
	adam.Eps = cfg.Eps
	out, err := s.steps(in, func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		loss := gpt.Loss(net.Forward(s, in[0]), in[1])
		grads := nn.Gradients(s, loss, params)
		out := gradients(params, grads)
		clipped, norm := nn.ClipGlobalNorm(grads, cfg.Clip)
		adam.Update(s, params, clipped)
		out["loss"], out["norm"] = loss, norm
		return out
	})
	if err != nil {
		return nil, err
	}
	return out, s.params(out, part{"", net})
}
