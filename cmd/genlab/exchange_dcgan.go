package main

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/models/dcgan"
	"genlab/lib/torch"
)

// generatorConfig reads the arguments that the article's Generator has.
func (r *request) generatorConfig() (dcgan.Config, error) {
	c := dcgan.Default()
	err := r.decode(&struct {
		NZ        *int `json:"nz"`
		NGF       *int `json:"ngf"`
		NC        *int `json:"nc"`
		ImageSize *int `json:"image_size"`
	}{&c.NZ, &c.NGF, &c.NC, &c.ImageSize})
	return c, err
}

// discriminatorConfig reads the arguments that the article's Discriminator has.
func (r *request) discriminatorConfig() (dcgan.Config, error) {
	c := dcgan.Default()
	err := r.decode(&struct {
		NDF       *int `json:"ndf"`
		NC        *int `json:"nc"`
		ImageSize *int `json:"image_size"`
	}{&c.NDF, &c.NC, &c.ImageSize})
	return c, err
}

func forwardGenerator(r *request) (*torch.StateDict, error) {
	c, err := r.generatorConfig()
	if err != nil {
		return nil, err
	}
	net, err := dcgan.NewGenerator(c)
	if err != nil {
		return nil, err
	}
	in, err := r.take(input{name: "input", dtype: torch.F32, shape: []int{anyBatch, c.NZ, 1, 1}})
	if err != nil {
		return nil, err
	}
	return r.once(in, func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		return map[string]*graph.Node{"output": net.ForwardFile(s, in[0])}
	}, part{"", net})
}

func forwardDiscriminator(r *request) (*torch.StateDict, error) {
	c, err := r.discriminatorConfig()
	if err != nil {
		return nil, err
	}
	net, err := dcgan.NewDiscriminator(c)
	if err != nil {
		return nil, err
	}
	in, err := r.take(input{name: "input", dtype: torch.F32, shape: []int{anyBatch, c.NC, c.ImageSize, c.ImageSize}})
	if err != nil {
		return nil, err
	}
	return r.once(in, func(s *model.Scope, in []*graph.Node) map[string]*graph.Node {
		return map[string]*graph.Node{"output": net.ForwardFile(s, in[0])}
	}, part{"", net})
}

func stepDCGAN(r *request) (*torch.StateDict, error) {
	c := dcgan.TrainConfig{Model: dcgan.Default()}
	args := struct {
		*dcgan.Config
		Rate  *float64    `json:"lr"`
		Betas *[2]float64 `json:"betas"`
	}{&c.Model, &c.Rate, &c.Betas}
	if err := r.decode(&args); err != nil {
		return nil, err
	}
	if err := c.Validate(); err != nil {
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
