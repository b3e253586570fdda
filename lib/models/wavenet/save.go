package wavenet

import (
	"genlab/lib/nn"
	"genlab/lib/train"
)

// Open reads the model of a run.
func Open(run string) (*Model, error) {
	return train.Open(run, id,
		func(c TrainConfig) (map[string]any, error) { return train.AtRoot(NewNet(c.Model)) },
		func(c TrainConfig) (*Model, error) { return New(c.Model, c.Seed) },
		func(m *Model) *nn.Runner { return m.run })
}
