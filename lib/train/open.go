package train

import (
	"genlab/lib/backend"
	"genlab/lib/nn"
	"genlab/lib/torch"
)

// Fresh opens the backend and makes the weights of net, which the seed decides, in a store of their own. id is the model's name, for errors.
func Fresh(id string, net any, seed uint64) (*nn.Runner, torch.Weights, error) {
	b, err := backend.Open()
	if err != nil {
		return nil, torch.Weights{}, err
	}
	run := nn.NewRunner(id, b)
	root := run.Store.RootScope()
	return run, torch.Of(root, net), nn.Create(root, net, seed)
}

// Open reads the model id of a run. nets declares, by the run's config, what the model has in each scope of its store: it is compared with
// the newest checkpoint before build makes any weights ([Fits]). runner gives the model's own.
func Open[C, M any](run, id string, nets func(C) (map[string]any, error), build func(C) (M, error), runner func(M) *nn.Runner) (M, error) {
	var none M
	var cfg C
	if err := ReadConfig(run, id, &cfg); err != nil {
		return none, err
	}
	declared, err := nets(cfg)
	if err != nil {
		return none, err
	}
	if err := Fits(run, declared); err != nil {
		return none, err
	}
	m, err := build(cfg)
	if err != nil {
		return none, err
	}
	_, err = Load(run, runner(m).Store)
	return m, err
}

// AtRoot declares a model of one net, which has the whole store: what [Open]'s nets gives, of what declares the net.
func AtRoot[N any](net N, err error) (map[string]any, error) { return map[string]any{"": net}, err }
