package dalle

import (
	"genlab/lib/nn"
	"genlab/lib/train"
)

// Open reads the model of a run of [Train], both stages.
func Open(run string) (*Model, error) {
	return train.Open(run, id,
		func(c TrainConfig) (map[string]any, error) { return train.AtRoot(NewNet(c.Model)) },
		func(c TrainConfig) (*Model, error) { return New(c.Model, c.Seed) },
		func(m *Model) *nn.Runner { return m.run })
}

// OpenPictures reads what turns pictures to codes from a run of [TrainDVAE].
func OpenPictures(run string) (*Pictures, error) {
	return train.Open(run, dvaeID,
		func(c DVAETraining) (map[string]any, error) { return train.AtRoot(NewDVAE(c.Model)) },
		func(c DVAETraining) (*Pictures, error) { return NewPictures(c.Model, c.Seed) },
		func(p *Pictures) *nn.Runner { return p.run })
}
