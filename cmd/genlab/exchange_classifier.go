package main

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/classifier"
	"genlab/lib/torch"
)

func openClassifier(r *request) (structure, error) {
	cfg := classifier.Default()
	if err := r.decode(&cfg); err != nil {
		return structure{}, err
	}
	net, err := classifier.NewNet(cfg)
	return structure{
		net:    net,
		inputs: []input{{name: "x", dtype: torch.F32, shape: []int{anyBatch, cfg.Channels, cfg.Size, cfg.Size}}},
		forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			features, logits := net.Forward(s, graph.TransposeAllAxes(in[0], 0, 2, 3, 1))
			return map[string]*graph.Node{"features": features, "logits": logits}
		},
	}, err
}
