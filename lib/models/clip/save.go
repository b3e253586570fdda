package clip

import "genlab/lib/train"

// Open reads the model of a run.
func Open(run string) (*Model, error) {
	var cfg TrainConfig
	if err := train.ReadConfig(run, id, &cfg); err != nil {
		return nil, err
	}
	net, err := NewNet(cfg.Model)
	if err != nil {
		return nil, err
	}
	if err := train.Fits(run, map[string]any{"": net}); err != nil {
		return nil, err
	}
	m, err := New(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	_, err = train.Load(run, m.run.Store)
	return m, err
}
