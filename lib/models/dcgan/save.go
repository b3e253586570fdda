package dcgan

import (
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Open reads the model of a run.
func Open(run string) (*Model, error) {
	return train.Open(run, id, func(c TrainConfig) (map[string]any, error) {
		generator, err := NewGenerator(c.Model)
		if err != nil {
			return nil, err
		}
		discriminator, err := NewDiscriminator(c.Model)
		scopes := map[string]any{generatorScope: generator, discriminatorScope: discriminator}
		if c.EMA != 0 {
			scopes[meanScope] = generator
		}
		return scopes, err
	}, newFor, func(m *Model) *nn.Runner { return m.run })
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
