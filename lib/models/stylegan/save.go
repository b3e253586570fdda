package stylegan

import (
	"github.com/gomlx/gomlx/ml/model"

	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Open reads the model of a run.
func Open(run string) (*Model, error) {
	var cfg TrainConfig
	if err := train.ReadConfig(run, id, &cfg); err != nil {
		return nil, err
	}
	m, err := declare(cfg.Model)
	if err != nil {
		return nil, err
	}
	if err := train.Fits(run, m.parts()); err != nil {
		return nil, err
	}
	if err := m.create(cfg.Seed); err != nil {
		return nil, err
	}
	_, err = train.Load(run, m.run.Store)
	return m, err
}

// WithMargin is the model with another margin around the picture (StyleGAN2 has none). The weights don't depend on it: with the published 10
// a model that was trained with less, which is cheaper, moves and turns more exactly.
func (m *Model) WithMargin(margin int) (*Model, error) {
	c := m.Config
	c.Margin = margin
	wide, err := New(c, 0)
	if err != nil {
		return nil, err
	}
	for scope, net := range m.parts() {
		var values []*model.Variable // in the order of the declaration; names hold the layers' sizes
		for _, p := range nn.Params(net) {
			v, err := p.Variable(m.scope(scope))
			if err != nil {
				return nil, err
			}
			values = append(values, v)
		}
		for _, p := range nn.Params(wide.parts()[scope]) {
			v, err := p.Variable(wide.scope(scope))
			if err != nil {
				return nil, err
			}
			value, err := values[0].Value()
			if err != nil {
				return nil, err
			}
			if value, err = value.LocalClone(); err != nil {
				return nil, err
			}
			if err := v.SetValue(value); err != nil {
				return nil, err
			}
			values = values[1:]
		}
	}
	return wide, nil
}

// parts are the model's nets by their scopes.
func (m *Model) parts() map[string]any {
	return map[string]any{generatorScope: m.generator, meanScope: m.generator, discriminatorScope: m.discriminator}
}

// Generator is the weights that samples come from, the running mean of those in training: NVIDIA's G_ema, to save and load.
func (m *Model) Generator() torch.Weights { return torch.Of(m.scope(meanScope), m.generator) }

// Discriminator is the discriminator's weights, to save and load.
func (m *Model) Discriminator() torch.Weights {
	return torch.Of(m.scope(discriminatorScope), m.discriminator)
}
