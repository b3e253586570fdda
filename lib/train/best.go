package train

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// bestName is the file of a run's best weights.
const bestName = "best.safetensors"

// BestFile is where a run keeps its best weights.
func BestFile(run string) string { return filepath.Join(run, bestName) }

// KeepBest saves the weights in a run if value is lower than all that the run has measured of the metric before; a Job's Evaluate calls it
// with what it has just measured. save is the model's own, such as torch.Weights.Save.
func KeepBest(run, metric string, value float64, save func(path string) error) error {
	records, err := ReadMetrics(run)
	if err != nil {
		return err
	}
	_, before := Series(records, metric)
	for _, earlier := range before {
		if earlier <= value {
			return nil
		}
	}
	if err := save(BestFile(run)); err != nil {
		return fmt.Errorf("keeping the best weights of %s: %w", run, err)
	}
	return nil
}

// LoadBest puts a run's best weights into the model, whose own load is called; a run that kept none leaves the model as it is.
func LoadBest(run string, load func(path string) error) error {
	if _, err := os.Stat(BestFile(run)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return load(BestFile(run))
}
