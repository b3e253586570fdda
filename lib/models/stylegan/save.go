package stylegan

import (
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
