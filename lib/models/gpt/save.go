package gpt

import (
	"genlab/lib/nn"
	"genlab/lib/train"
)

// Open reads the model of a run, with the weights of its lowest validation loss, or with the last ones where none was measured.
func Open(run string) (*Model, error) {
	m, err := train.Open(run, id,
		func(c TrainConfig) (map[string]any, error) { return train.AtRoot(NewNet(c.Model)) },
		func(c TrainConfig) (*Model, error) { return New(c.Model, c.Seed) },
		func(m *Model) *nn.Runner { return m.run })
	if err != nil {
		return nil, err
	}
	return m, m.loadBest(run)
}
