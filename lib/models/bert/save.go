package bert

import (
	"genlab/lib/nn"
	"genlab/lib/train"
)

// Open reads the model of a run, with the best weights that it kept, else the newest.
func Open(run string) (*Model, error) {
	m, err := train.Open(run, id,
		func(c TrainConfig) (map[string]any, error) { return train.AtRoot(NewNet(c.Model)) },
		func(c TrainConfig) (*Model, error) { return New(c.Model, c.Seed) },
		func(m *Model) *nn.Runner { return m.run })
	if err != nil {
		return nil, err
	}
	return m, train.LoadBest(run, m.Weights.Load)
}
