package main

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/vae"
	"genlab/lib/nn"
	"genlab/lib/torch"
)

func openVAE(r *request) (structure, error) {
	cfg := vae.Default()
	if err := r.decode(&cfg); err != nil {
		return structure{}, err
	}
	net, err := vae.NewNet(cfg)
	return structure{
		net: net,
		inputs: []input{
			{name: "x", dtype: torch.F32, shape: []int{anyBatch, cfg.InputDim}},
			{name: "eps", dtype: torch.F32, shape: []int{anyBatch, cfg.LatentDim}, optional: true},
		},
		forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			x, eps := in[0], in[1]
			if eps == nil {
				eps = nn.Normal(nn.NextKey(s, x.Graph()), x.Shape().Dim(0), cfg.LatentDim)
			}
			o := net.Forward(s, x, eps)
			bce, kl := o.Loss(x)
			return map[string]*graph.Node{
				"recon_x": graph.Sigmoid(o.Logits), "mu": o.Mu, "logvar": o.LogVar, "loss": graph.Add(bce, kl),
			}
		},
	}, err
}

func stepVAE(r *request) (*torch.StateDict, error) {
	cfg := struct {
		vae.Config
		Rate float64 `json:"lr"`
	}{vae.Default(), 1e-3}
	if err := r.decode(&cfg); err != nil {
		return nil, err
	}
	if err := checkRate(cfg.Rate); err != nil {
		return nil, err
	}
	net, err := vae.NewNet(cfg.Config)
	if err != nil {
		return nil, err
	}
	in, err := r.take(
		input{name: "x", dtype: torch.F32, shape: []int{anySteps, anyBatch, cfg.InputDim}},
		input{name: "eps", dtype: torch.F32, shape: []int{anySteps, anyBatch, cfg.LatentDim}})
	if err != nil {
		return nil, err
	}
	s, err := r.open(part{"", net})
	if err != nil {
		return nil, err
	}
	params, adam := nn.Trained(net), nn.NewAdam(cfg.Rate)
	out, err := s.steps(in, func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		bce, kl := net.Forward(s, in[0], in[1]).Loss(in[0])
		loss := graph.Add(bce, kl)
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
