package anomaly

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"genlab/lib/nn"
	"genlab/lib/train"
)

// thresholdFile is beside the run's config: what the end of a training found.
const thresholdFile = "threshold.json"

type threshold struct {
	Threshold float64 `json:"threshold"`
}

func writeThreshold(run string, value float64) error {
	raw, err := json.Marshal(threshold{value})
	if err != nil {
		return fmt.Errorf("writing the threshold: %w", err)
	}
	return renameio.WriteFile(filepath.Join(run, thresholdFile), append(raw, '\n'), 0o644)
}

func readThreshold(run string) (float64, error) {
	raw, err := os.ReadFile(filepath.Join(run, thresholdFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%s has no %s: its training isn't finished; the same genlab train anomaly goes on with it", run, thresholdFile)
	}
	if err != nil {
		return 0, err
	}
	var t threshold
	if err := json.Unmarshal(raw, &t); err != nil {
		return 0, fmt.Errorf("reading %s: %w", filepath.Join(run, thresholdFile), err)
	}
	return t.Threshold, nil
}

// Open reads the model of a run.
func Open(run string) (*Model, error) {
	m, err := train.Open(run, id,
		func(c TrainConfig) (map[string]any, error) { return train.AtRoot(NewNet(c.Model)) },
		func(c TrainConfig) (*Model, error) { return newModel(c) },
		func(m *Model) *nn.Runner { return m.run })
	if err != nil {
		return nil, err
	}
	m.Threshold, err = readThreshold(run)
	return m, err
}
