package train

import (
	"fmt"
	"path"
	"path/filepath"

	"genlab/lib/nn"
	"genlab/lib/torch"
)

// Fits compares what a model declares in each scope of its store, "" being the root, with the shapes in a run's newest checkpoint. A
// model's Open calls it before it makes the weights: in a damaged config.json a size could ask for any amount of memory.
func Fits(run string, scopes map[string]any) error {
	steps, err := checkpointSteps(run)
	if err != nil {
		return err
	}
	var want []torch.Spec
	for scope, root := range scopes {
		for _, p := range nn.Params(root) {
			want = append(want, torch.Spec{Name: path.Join(scope, p.Path()), Shape: p.Shape})
		}
	}
	for _, step := range steps {
		file := filepath.Join(run, "checkpoints", fmt.Sprintf(checkpointName, step))
		shapes, err := torch.ReadShapes(file)
		if err != nil {
			continue // a damaged one, which loading passes over
		}
		d := compareSpecs(want, shapes)
		const most = 8 // of each kind are named
		d.Missing, d.Reshaped = d.Missing[:min(most, len(d.Missing))], d.Reshaped[:min(most, len(d.Reshaped))]
		if err := d.Err(false); err != nil {
			return fmt.Errorf("config.json asks for another model than the checkpoint %s holds: %w", file, err)
		}
		return nil
	}
	return noCheckpoint(run)
}

// noCheckpoint says that there is nothing to open.
func noCheckpoint(run string) error {
	return fmt.Errorf("run %s has no checkpoint yet: train it first", run)
}
