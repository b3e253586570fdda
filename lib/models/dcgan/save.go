package dcgan

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
	generator, err := NewGenerator(cfg.Model)
	if err != nil {
		return nil, err
	}
	discriminator, err := NewDiscriminator(cfg.Model)
	if err != nil {
		return nil, err
	}
	scopes := map[string]any{generatorScope: generator, discriminatorScope: discriminator}
	if cfg.EMA != 0 {
		scopes[meanScope] = generator
	}
	if err := train.Fits(run, scopes); err != nil {
		return nil, err
	}
	m, err := newFor(cfg)
	if err != nil {
		return nil, err
	}
	_, err = train.Load(run, m.run.Store)
	return m, err
}

// Generator is the generator's weights (the running mean where the training kept one), to save and load.
func (m *Model) Generator() torch.Weights { return torch.Of(m.scope(m.samplingScope()), m.generator) }

// Discriminator is the discriminator's weights, to save and load.
func (m *Model) Discriminator() torch.Weights {
	return torch.Of(m.scope(discriminatorScope), m.discriminator)
}

// samplingScope is that of the weights which samples come from.
func (m *Model) samplingScope() string {
	if m.mean {
		return meanScope
	}
	return generatorScope
}
