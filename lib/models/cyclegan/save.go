package cyclegan

import (
	"genlab/lib/nn"
	"genlab/lib/train"
)

// Open reads the model of a run.
func Open(run string) (*Model, error) {
	return train.Open(run, id, func(c TrainConfig) (map[string]any, error) {
		nets, err := NewNets(c.Model)
		return map[string]any{genA: nets.G, genB: nets.G, discA: nets.D, discB: nets.D}, err
	},
		func(c TrainConfig) (*Model, error) { return New(c.Model, c.Seed) },
		func(m *Model) *nn.Runner { return m.run })
}
