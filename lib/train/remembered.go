package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// Remembered is what the config of a run of the model holds in a field of its first level, or otherwise where there is no such run, or
// the field is zero or absent. A schedule's length, say, is decided when a run begins: more epochs later on don't change it.
func Remembered[T comparable](run, model, field string, otherwise T) (T, error) {
	if _, err := readDescription(run); errors.Is(err, os.ErrNotExist) {
		return otherwise, nil
	}
	fields := map[string]json.RawMessage{}
	if err := ReadConfig(run, model, &fields); err != nil {
		return otherwise, err
	}
	var zero, value T
	if raw, ok := fields[newName(oldFields, field)]; ok {
		if err := json.Unmarshal(raw, &value); err != nil {
			return otherwise, fmt.Errorf("reading %s in the config of %s: %w", field, run, err)
		}
	}
	if value == zero {
		return otherwise, nil
	}
	return value, nil
}

// Schedule is the number of steps of a schedule that a model's config has in a field: those given, else those that the run remembers, else
// all that the options' epochs ask for.
func (o Options) Schedule(given int, model, field string, data Dataset) (int, error) {
	if given != 0 {
		return given, nil
	}
	return Remembered(o.Run, model, field, o.Epochs*data.Steps())
}
