package dcgan

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
	m, err := newFor(cfg)
	if err != nil {
		return nil, err
	}
	_, err = train.Load(run, m.run.Store)
	return m, err
}

// Save writes the weights of both models to files that PyTorch's load_state_dict takes, in safetensors: the generator's (the running
// mean where the training kept one) and, unless its path is empty, the discriminator's.
func (m *Model) Save(generator, discriminator string) error {
	if err := torch.Of(m.scope(m.samplingScope()), m.generator).Save(generator); err != nil || discriminator == "" {
		return err
	}
	return torch.Of(m.scope(DiscriminatorScope), m.discriminator).Save(discriminator)
}

// Load replaces the weights by those of PyTorch state_dicts, in safetensors or as torch.save wrote them; an empty path leaves a model
// as it is.
func (m *Model) Load(generator, discriminator string) error {
	for _, f := range []struct {
		path, scope string
		root        any
	}{{generator, m.samplingScope(), m.generator}, {discriminator, DiscriminatorScope, m.discriminator}} {
		if f.path == "" {
			continue
		}
		if err := torch.Of(m.scope(f.scope), f.root).Load(f.path); err != nil {
			return err
		}
	}
	return nil
}

// samplingScope is that of the weights which samples come from.
func (m *Model) samplingScope() string {
	if m.mean {
		return meanScope
	}
	return GeneratorScope
}
