package main

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/gan"
	"genlab/lib/torch"
)

func openGANGenerator(r *request) (structure, error) {
	cfg := gan.Default()
	if err := r.decode(&cfg); err != nil {
		return structure{}, err
	}
	net, _, err := gan.NewNets(cfg)
	return perceptron(net, cfg.NZ), err
}

func openGANDiscriminator(r *request) (structure, error) {
	cfg := gan.Default()
	if err := r.decode(&cfg); err != nil {
		return structure{}, err
	}
	_, net, err := gan.NewNets(cfg)
	return perceptron(net, cfg.Dims), err
}

func perceptron(net *gan.Net, in int) structure {
	return structure{
		net:    net,
		inputs: []input{{name: "input", dtype: torch.F32, shape: []int{anyBatch, in}}},
		forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"output": net.Main.Forward(s, in[0])}
		},
	}
}
