package train

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A run written by hand with the old names is read, compared and resumed by the new ones.
func TestOldNames(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	if err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 5}), quiet(run, 1)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"config.json":   `{"model": "plane", "epochs": 1, "steps_per_epoch": 5, "config": {"rate": 0.001, "warmup": 100, "parts": [{"warmup": 7}]}}`,
		"metrics.jsonl": `{"step": 1, "epoch": 1, "loss": 3}` + "\n" + `{"step": 5, "epoch": 1, "test_loss": 2}` + "\n" + `{"step": 5, "epoch": 1, "val_loss": 1}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(run, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	type part struct {
		WarmUp int `json:"warm_up"`
	}
	type renamed struct {
		Rate   float64 `json:"rate"`
		WarmUp int     `json:"warm_up"`
		Parts  []part  `json:"parts"`
	}
	var c renamed
	if err := ReadConfig(run, "plane", &c); err != nil || c.WarmUp != 100 || len(c.Parts) != 1 || c.Parts[0].WarmUp != 7 {
		t.Errorf("the config reads as %+v, %v", c, err)
	}
	records, err := ReadMetrics(run)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"validation_loss", "val_loss"} { // who asks by an old name is answered too
		if _, values := Series(records, name); !slices.Equal(values, []float64{2, 1}) {
			t.Errorf("%s is %v", name, values)
		}
	}

	j := job(t, defaultConfig(), points{steps: 5})
	j.Config = map[string]any{"rate": 1e-3, "warm_up": 100, "parts": []part{{7}}}
	if err := runJob(t, context.Background(), j, quiet(run, 2)); err != nil {
		t.Errorf("going on by the new names: %v", err)
	}
}
