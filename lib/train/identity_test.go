package train

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// known is data that says what it is.
type known struct {
	points
	is map[string]any
}

func (k known) Identity() (map[string]any, error) { return k.is, nil }

func TestRunKnowsItsData(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	data := func(from, digest string, batch int, seed uint64) Dataset {
		return known{points{steps: 5}, map[string]any{"kind": "plane", "from": from, "digest": digest, "batch": batch, "seed": seed}}
	}
	try := func(d Dataset, epochs int) error {
		return runJob(t, context.Background(), job(t, defaultConfig(), d), quiet(run, epochs))
	}
	if err := try(data("/a", "one", 8, 1), 1); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		data       Dataset
	}{
		{"other content", `digest: "one" in the run, "two" now; from: "/a" in the run, "/b" now`, data("/b", "two", 8, 1)},
		{"other batch", "batch: 8 in the run, 9 now", data("/a", "one", 9, 1)},
		{"other order", "seed: 1 in the run, 2 now", data("/a", "one", 8, 2)},
	} {
		if err := try(c.data, 2); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "other data") {
			t.Errorf("%s: want an error with %q, got %v", c.name, c.want, err)
		}
	}
	if err := try(data("/moved", "one", 8, 1), 2); err != nil {
		t.Errorf("data that has moved: %v", err)
	}
	line, err := DataOf(run)
	if want := "plane: batch 8, digest one, from /moved, seed 1"; err != nil || line != want {
		t.Errorf("the run's data is %q, %v; want %q", line, err, want)
	}

	// Data that doesn't tell takes nothing from what the run knows.
	if err := try(points{steps: 5}, 3); err != nil {
		t.Fatal(err)
	}
	if err := try(data("/a", "two", 8, 1), 4); err == nil {
		t.Error("after data that doesn't tell the run has forgotten its own")
	}
}

func TestRunFromBeforeDataWasKept(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	if err := runJob(t, context.Background(), job(t, defaultConfig(), points{steps: 5}), quiet(run, 1)); err != nil {
		t.Fatal(err)
	}
	if line, err := DataOf(run); line != "" || err != nil {
		t.Errorf("a run without data says %q, %v", line, err)
	}
	dir, err := hold(run)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = dir.release() }()
	var notes []string
	now := job(t, defaultConfig(), known{points{steps: 5}, map[string]any{"kind": "plane"}})
	if err := dir.describe(now, 1, func(line string) { notes = append(notes, line) }); err != nil || len(notes) != 1 {
		t.Errorf("notes %q, error %v", notes, err)
	}
	text, err := os.ReadFile(filepath.Join(run, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d description
	if err := json.Unmarshal(text, &d); err != nil || !strings.Contains(string(d.Data), "plane") {
		t.Errorf("the run keeps %s, %v", d.Data, err)
	}
}
