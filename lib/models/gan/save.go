package gan

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

// Save writes the weights of both models to files that PyTorch's load_state_dict takes, in safetensors.
func (m *Model) Save(generator, discriminator string) error {
	g, d := m.weights()
	if err := g.Save(generator); err != nil {
		return err
	}
	return d.Save(discriminator)
}

// Load replaces the weights by those of PyTorch state_dicts, in safetensors or as torch.save wrote them.
func (m *Model) Load(generator, discriminator string) error {
	g, d := m.weights()
	if err := g.Load(generator); err != nil {
		return err
	}
	return d.Load(discriminator)
}

func (m *Model) weights() (generator, discriminator torch.Weights) {
	root := m.run.Store.RootScope()
	return torch.Of(root.At(generatorScope), m.generator), torch.Of(root.At(discriminatorScope), m.discriminator)
}
