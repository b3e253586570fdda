package vae

import (
	"genlab/lib/nn"
	"genlab/lib/train"
)

// Open reads the model of a run.
func Open(run string) (*Model, error) {
	return train.Open(run, id,
		func(c TrainConfig) (map[string]any, error) { return train.AtRoot(newCoder(c.Model)) },
		func(c TrainConfig) (*Model, error) {
			m, err := New(c.Model, c.Seed)
			if err == nil {
				m.train = c
			}
			return m, err
		},
		func(m *Model) *nn.Runner { return m.run })
}
