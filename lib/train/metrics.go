package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Metric is a named measurement, in the unit that its model's documentation gives.
type Metric struct {
	Name  string
	Value float64
}

// Record is one line of metrics.jsonl: what was measured after a step.
type Record struct {
	Step, Epoch int // steps done; the epoch counts from 1
	Values      map[string]float64
}

// MarshalJSON writes step, epoch and the values side by side.
func (r Record) MarshalJSON() ([]byte, error) {
	flat := map[string]any{"step": r.Step, "epoch": r.Epoch}
	for name, v := range r.Values {
		flat[name] = v
	}
	return json.Marshal(flat)
}

// UnmarshalJSON reads what MarshalJSON writes, and gives metrics that have an old name their new one.
func (r *Record) UnmarshalJSON(text []byte) error {
	var flat map[string]float64
	if err := json.Unmarshal(text, &flat); err != nil {
		return err
	}
	r.Step, r.Epoch = int(flat["step"]), int(flat["epoch"])
	delete(flat, "step")
	delete(flat, "epoch")
	r.Values = map[string]float64{}
	for name, v := range flat {
		r.Values[newName(oldMetrics, name)] = v
	}
	return nil
}

func metricsPath(run string) string { return filepath.Join(run, "metrics.jsonl") }

// ReadMetrics returns what a run has measured, in order. Lines that a kill tore, or that are damaged, are left out.
func ReadMetrics(run string) ([]Record, error) {
	text, err := readFile(metricsPath(run))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the metrics of %s: %w", run, err)
	}
	var list []Record
	for line := range bytes.Lines(text) {
		var r Record
		if json.Unmarshal(line, &r) == nil && r.Step > 0 {
			list = append(list, r)
		}
	}
	return list, nil
}

// rewind drops what was measured after the given step, which a resumed training will measure again.
func rewind(run string, step int) error {
	list, err := ReadMetrics(run)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	for _, r := range list {
		if r.Step > step {
			continue
		}
		line, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("rewriting the metrics of %s: %w", run, err)
		}
		text.Write(append(line, '\n'))
	}
	return replaceFile(metricsPath(run), text.Bytes())
}

// Series picks one metric, by its name or an old one, out of records: the steps at which it was measured and its values.
func Series(records []Record, name string) (steps, values []float64) {
	name = newName(oldMetrics, name)
	for _, r := range records {
		if v, ok := r.Values[name]; ok {
			steps = append(steps, float64(r.Step))
			values = append(values, v)
		}
	}
	return steps, values
}
