package main

import (
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/dcgan"
	"genlab/lib/torch"
)

// openGenerator takes the arguments of the article's Generator.
func openGenerator(r *request) (structure, error) {
	c := dcgan.Default()
	err := r.decode(&struct {
		NZ        *int `json:"nz"`
		NGF       *int `json:"ngf"`
		NC        *int `json:"nc"`
		ImageSize *int `json:"image_size"`
	}{&c.NZ, &c.NGF, &c.NC, &c.ImageSize})
	if err != nil {
		return structure{}, err
	}
	net, err := dcgan.NewGenerator(c)
	return structure{
		net:    net,
		inputs: []input{{name: "input", dtype: torch.F32, shape: []int{anyBatch, c.NZ, 1, 1}}},
		forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"output": net.ForwardFile(s, in[0])}
		},
	}, err
}

// openDiscriminator takes the arguments of the article's Discriminator.
func openDiscriminator(r *request) (structure, error) {
	c := dcgan.Default()
	err := r.decode(&struct {
		NDF       *int `json:"ndf"`
		NC        *int `json:"nc"`
		ImageSize *int `json:"image_size"`
	}{&c.NDF, &c.NC, &c.ImageSize})
	if err != nil {
		return structure{}, err
	}
	net, err := dcgan.NewDiscriminator(c)
	return structure{
		net:    net,
		inputs: []input{{name: "input", dtype: torch.F32, shape: []int{anyBatch, c.NC, c.ImageSize, c.ImageSize}}},
		forward: func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
			return map[string]*graph.Node{"output": net.ForwardFile(s, in[0])}
		},
	}, err
}

func stepDCGAN(r *request) (*torch.StateDict, error) {
	c := dcgan.TrainConfig{Model: dcgan.Default()}
	rate, betas := 2e-4, []float64{0.5, 0.999}
	if err := r.decode(&struct {
		NZ        *int       `json:"nz"`
		NGF       *int       `json:"ngf"`
		NDF       *int       `json:"ndf"`
		NC        *int       `json:"nc"`
		ImageSize *int       `json:"image_size"`
		Rate      *float64   `json:"lr"`
		Betas     *[]float64 `json:"betas"`
	}{&c.Model.NZ, &c.Model.NGF, &c.Model.NDF, &c.Model.NC, &c.Model.ImageSize, &rate, &betas}); err != nil {
		return nil, err
	}
	if len(betas) != 2 {
		return nil, fmt.Errorf("--config: betas is %v: it must be two numbers", betas)
	}
	// To TrainConfig 0 is no rate but the default: the least number is as good.
	c.Rate = max(rate, math.SmallestNonzeroFloat64)
	c.Betas = [2]float64{max(betas[0], math.SmallestNonzeroFloat64), betas[1]}
	if err := errors.Join(checkRate(rate), c.Validate()); err != nil {
		return nil, err
	}
	g, err := dcgan.NewGenerator(c.Model)
	if err != nil {
		return nil, err
	}
	d, err := dcgan.NewDiscriminator(c.Model)
	if err != nil {
		return nil, err
	}
	size := c.Model.ImageSize
	in, err := r.take(
		input{name: "real", dtype: torch.F32, shape: []int{anySteps, anyBatch, c.Model.NC, size, size}},
		input{name: "noise", dtype: torch.F32, shape: []int{anySteps, anyBatch, c.Model.NZ, 1, 1}})
	if err != nil {
		return nil, err
	}
	parts := []part{{dcgan.GeneratorScope, g}, {dcgan.DiscriminatorScope, d}}
	s, err := r.open(parts...)
	if err != nil {
		return nil, err
	}
	out, err := s.steps(in, func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		m := dcgan.Iterate(s, g, d, c, []dcgan.Round{dcgan.RoundFromFile(in[0], in[1])})
		return map[string]*graph.Node{"loss_d": m.LossD, "loss_g": m.LossG, "d_x": m.DX, "d_g_z1": m.DGZ1, "d_g_z2": m.DGZ2}
	})
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if err := s.params(out, p); err != nil {
			return nil, err
		}
	}
	return out, nil
}
