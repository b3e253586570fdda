package torch

import "github.com/gomlx/gomlx/ml/model"

// Weights are a model's parameters and buffers where they lie, and their way to files and back. A model's struct embeds it.
type Weights struct {
	scope *model.Scope
	root  any
}

// Of gives the weights of a module whose parameters lie in a scope.
func Of(s *model.Scope, root any) Weights { return Weights{s, root} }

// Save writes the weights to a safetensors file that PyTorch's load_state_dict takes with strict=True. The file appears whole or not at
// all.
func (w Weights) Save(path string) error {
	sd, err := Save(w.scope, w.root)
	if err != nil {
		return err
	}
	return Write(path, sd)
}

// SaveShards is Save in several files of at most n bytes each; see [WriteShards].
func (w Weights) SaveShards(path string, most int64) error {
	sd, err := Save(w.scope, w.root)
	if err != nil {
		return err
	}
	return WriteShards(path, sd, most)
}

// Load replaces the weights by those of a file that [Read] reads: safetensors, shards, or what torch.save wrote. None may be missing,
// unknown or of another shape; an error lists all that are, and nothing is replaced then.
func (w Weights) Load(path string) error {
	sd, err := Read(path)
	if err != nil {
		return err
	}
	return Load(w.scope, w.root, sd, false)
}

// LoadPartial is Load with PyTorch's strict=False: what the file lacks stays as it is, what the model doesn't know is left out. Both are
// returned. Another shape is still an error, and so is a file of which nothing fits.
func (w Weights) LoadPartial(path string) (Difference, error) {
	sd, err := Read(path)
	if err != nil {
		return Difference{}, err
	}
	return w.LoadStateDict(sd, true)
}

// LoadStateDict is Load, or with partial LoadPartial, from a state_dict that was read already: see [ReadKey] and [StripPrefix].
func (w Weights) LoadStateDict(sd *StateDict, partial bool) (Difference, error) {
	return Compare(w.root, sd), Load(w.scope, w.root, sd, partial)
}
