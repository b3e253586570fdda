package vae

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
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	_, err = train.Load(run, m.run.Store)
	return m, err
}

// Save writes the weights to a file that PyTorch's load_state_dict takes, in safetensors.
func (m *Model) Save(path string) error {
	return torch.SaveFile(path, m.run.Store.RootScope(), m.net)
}

// Load replaces the weights by those of a PyTorch state_dict, in safetensors or as torch.save wrote it.
func (m *Model) Load(path string) error {
	return torch.LoadFile(path, m.run.Store.RootScope(), m.net)
}
