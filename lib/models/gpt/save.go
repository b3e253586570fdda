package gpt

import (
	"genlab/lib/torch"
	"genlab/lib/train"
)

// Open reads the model of a run, with the weights of its lowest validation loss, or with the last ones where none was measured.
func Open(run string) (*Model, error) {
	var cfg TrainConfig
	if err := train.ReadConfig(run, id, &cfg); err != nil {
		return nil, err
	}
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	if _, err := train.Load(run, m.run.Store); err != nil {
		return nil, err
	}
	return m, m.loadBest(run)
}

// Save writes the weights to a file that PyTorch's load_state_dict takes, in safetensors.
func (m *Model) Save(path string) error {
	return torch.Of(m.run.Store.RootScope(), m.net).Save(path)
}
