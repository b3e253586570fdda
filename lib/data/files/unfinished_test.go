//go:build unix

package files

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// What is left goes; what somebody is writing, has only just made, or is called otherwise stays.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{".out1": "left", ".out2": "claimed", ".out3": "", "out": "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.OpenFile(filepath.Join(dir, ".out2"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	Claim(f)
	names := regexp.MustCompile(`^\.out[0-9]+$`)
	there := func() (list string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			list += e.Name() + " "
		}
		return list
	}
	if Sweep(dir, names); there() != ".out2 .out3 out " {
		t.Errorf("left: %s", there())
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if Sweep(dir, names); there() != ".out3 out " {
		t.Errorf("after its writer has gone: %s", there())
	}
}
