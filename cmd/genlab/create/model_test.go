package create

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNewModel lays a room out elsewhere and runs its tests as if it lay in lib/models.
func TestNewModel(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "probe")
	if err := newModel(dir, "probe"); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{}
	for _, e := range entries {
		replace[filepath.Join(root, "lib", "models", "probe", e.Name())] = filepath.Join(dir, e.Name())
	}
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, text, 0o644); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "probe.test")
	build := exec.Command("go", "test", "-c", "-vet=off", "-o", binary, "-overlay", overlay, "genlab/lib/models/probe") // vet knows no overlay
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.Command(binary, "-test.v")
	run.Dir = root
	if out, err := run.CombinedOutput(); err != nil || strings.Count(string(out), "--- PASS") != 2 {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := newModel(dir, "probe"); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a room was laid out over another: %v", err)
	}
	for _, bad := range []string{"", "Probe", "a-b", "../x", "func", "1a"} {
		if newModel(filepath.Join(t.TempDir(), "x"), bad) == nil {
			t.Errorf("%q was taken for a name", bad)
		}
	}
}
