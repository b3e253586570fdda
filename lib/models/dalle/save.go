package dalle

import "genlab/lib/train"

// Open reads the model of a run of [Train], both stages.
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

// OpenPictures reads what turns pictures to codes from a run of [TrainDVAE].
func OpenPictures(run string) (*Pictures, error) {
	var cfg DVAETraining
	if err := train.ReadConfig(run, dvaeID, &cfg); err != nil {
		return nil, err
	}
	net, err := NewDVAE(cfg.Model)
	if err != nil {
		return nil, err
	}
	if err := train.Fits(run, map[string]any{"": net}); err != nil {
		return nil, err
	}
	p, err := NewPictures(cfg.Model, cfg.Seed)
	if err != nil {
		return nil, err
	}
	_, err = train.Load(run, p.run.Store)
	return p, err
}
