package main

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/transformer"
	"genlab/lib/nn"
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

// forwardTransformer runs nn.Transformer; padding is true where a position is to be left out, as PyTorch has it.
func forwardTransformer(r *request) (*torch.StateDict, error) {
	cfg := transformer.Base()
	if err := r.decode(&cfg); err != nil {
		return nil, err
	}
	core, err := transformer.NewCore(cfg)
	if err != nil {
		return nil, err
	}
	in, err := r.take(
		input{name: "src", dtype: torch.F32, shape: []int{anyBatch, anyKeys, cfg.DModel}},
		input{name: "tgt", dtype: torch.F32, shape: []int{anyBatch, anyLength, cfg.DModel}},
		input{name: "src_padding", dtype: torch.BOOL, shape: []int{anyBatch, anyKeys}, optional: true},
		input{name: "tgt_padding", dtype: torch.BOOL, shape: []int{anyBatch, anyLength}, optional: true})
	if err != nil {
		return nil, err
	}
	return r.once(in, func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		not := func(padding *graph.Node) *graph.Node {
			if padding == nil {
				return nil
			}
			return graph.LogicalNot(padding)
		}
		out, _ := core.Forward(s, in[0], in[1], not(in[2]), not(in[3]))
		return map[string]*graph.Node{"out": out}
	}, part{"", core})
}

func forwardTranslator(r *request) (*torch.StateDict, error) {
	cfg := transformer.Default(4)
	if err := r.decode(&cfg); err != nil {
		return nil, err
	}
	net, err := transformer.NewNet(cfg)
	if err != nil {
		return nil, err
	}
	in, err := r.take(
		input{name: "src", dtype: torch.I64, shape: []int{anyBatch, anyKeys}, below: cfg.SourceVocab},
		input{name: "tgt", dtype: torch.I64, shape: []int{anyBatch, anyLength}, below: cfg.TargetVocab})
	if err != nil {
		return nil, err
	}
	return r.once(in, func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		logits, _ := net.Forward(s, in[0], in[1])
		return map[string]*graph.Node{"logits": logits}
	}, part{"", net})
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
	in, err := r.take(
		input{name: "src", dtype: torch.I64, shape: []int{anySteps, anyBatch, anyKeys}, below: cfg.SourceVocab},
		input{name: "tgt", dtype: torch.I64, shape: []int{anySteps, anyBatch, anyLength}, below: cfg.TargetVocab},
		input{name: "labels", dtype: torch.I64, shape: []int{anySteps, anyBatch, anyLength}, below: cfg.TargetVocab})
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
