package files

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Skip(err)
	}
}

// Links to files, folders and the root itself are followed, what is hidden is passed over.
func TestWalk(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{"in/b.txt", "in/a/x.txt", "in/.hidden", "in/.git/x.txt", "in/a/.checkpoints/x.txt", "out/far.txt"} {
		write(t, filepath.Join(dir, path), path)
	}
	link(t, filepath.Join(dir, "out"), filepath.Join(dir, "in", "linked"))
	link(t, filepath.Join(dir, "out", "far.txt"), filepath.Join(dir, "in", "c.txt"))
	link(t, filepath.Join(dir, "nowhere"), filepath.Join(dir, "in", "broken"))
	link(t, filepath.Join(dir, "in"), filepath.Join(dir, "root"))
	want := []string{filepath.Join("a", "x.txt"), "b.txt", "broken", "c.txt", filepath.Join("linked", "far.txt")}
	for _, root := range []string{"in", "root"} {
		if got, err := Walk(filepath.Join(dir, root)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q (%v), want %q", root, got, err, want)
		}
	}
	link(t, filepath.Join(dir, "in"), filepath.Join(dir, "in", "a", "round"))
	if _, err := Walk(filepath.Join(dir, "in")); err == nil || !strings.Contains(err.Error(), "lies in") {
		t.Errorf("a folder in itself: error %v", err)
	}
	if _, err := Walk(filepath.Join(dir, "in", "b.txt")); err == nil || !strings.Contains(err.Error(), "no folder") {
		t.Errorf("a file: error %v", err)
	}
}

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	write(t, path, "12345")
	if got, err := Read(path, 5); err != nil || string(got) != "12345" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Read(path, 4); err == nil || !strings.Contains(err.Error(), "has 5 bytes") {
		t.Errorf("too long: error %v", err)
	}
	if _, err := Read(filepath.Dir(path), 4); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("a folder: error %v", err)
	}
}
