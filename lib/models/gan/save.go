package gan

import (
	"genlab/lib/nn"
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Open reads the model of a run.
func Open(run string) (*Model, error) {
	return train.Open(run, id, func(c TrainConfig) (map[string]any, error) {
		generator, discriminator, err := NewNets(c.Model)
		return map[string]any{generatorScope: generator, discriminatorScope: discriminator}, err
	},
		func(c TrainConfig) (*Model, error) { return New(c.Model, c.Seed) },
		func(m *Model) *nn.Runner { return m.run })
}

// Generator is the generator's weights, to save and load.
func (m *Model) Generator() torch.Weights {
	return torch.Of(m.run.Store.RootScope().At(generatorScope), m.generator)
}

// Discriminator is the discriminator's weights, to save and load.
func (m *Model) Discriminator() torch.Weights {
	return torch.Of(m.run.Store.RootScope().At(discriminatorScope), m.discriminator)
}
