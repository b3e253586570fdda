package gan

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
	generator, discriminator, err := NewNets(cfg.Model)
	if err != nil {
		return nil, err
	}
	if err := train.Fits(run, map[string]any{generatorScope: generator, discriminatorScope: discriminator}); err != nil {
		return nil, err
	}
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	_, err = train.Load(run, m.run.Store)
	return m, err
}

// Generator is the generator's weights, to save and load.
func (m *Model) Generator() torch.Weights {
	return torch.Of(m.run.Store.RootScope().At(generatorScope), m.generator)
}

// Discriminator is the discriminator's weights, to save and load.
func (m *Model) Discriminator() torch.Weights {
	return torch.Of(m.run.Store.RootScope().At(discriminatorScope), m.discriminator)
}
