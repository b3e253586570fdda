package train

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// What another program, or a torn disk, left in a run's files is read or refused, and nothing of it makes the reader panic.
func FuzzRunFiles(f *testing.F) {
	f.Add(`{"step":1,"epoch":1,"loss":0.5}`+"\n"+`{"step":2,"ep`, `{"model":"probe","config":{"rate":0.1}}`)
	f.Add(`{"step":1e300,"epoch":-1,"val_loss":null}`, `{"model":"probe","config":[]}`)
	f.Add("\x00\n[]\n", `{`)
	f.Fuzz(func(t *testing.T, metrics, config string) {
		run := t.TempDir()
		for name, text := range map[string]string{"metrics.jsonl": metrics, "config.json": config} {
			if err := os.WriteFile(filepath.Join(run, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		records, err := ReadMetrics(run)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if r.Step < 1 {
				t.Errorf("a record of step %d is given", r.Step)
			}
			if _, err := json.Marshal(r); err != nil {
				t.Errorf("a record that was read can't be written: %v", err)
			}
		}
		var c struct{ Rate float64 }
		_ = ReadConfig(run, "probe", &c) // an error is right, a panic isn't
	})
}
