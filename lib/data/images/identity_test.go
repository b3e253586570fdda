package images

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestDigestFiles(t *testing.T) {
	dir, paths := t.TempDir(), []string{"a.png", filepath.Join("b", "c.png")}
	for _, p := range paths {
		write(t, filepath.Join(dir, p), []byte(p))
	}
	digest := func(dir string, most int64) string {
		t.Helper()
		d, err := digestFiles(dir, paths, most)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	content, listing := digest(dir, maxContent), digest(dir, 1)

	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(dir, paths[1]), later, later); err != nil {
		t.Fatal(err)
	}
	if digest(dir, maxContent) != content {
		t.Error("another time changes the digest of the content")
	}
	if digest(dir, 1) == listing {
		t.Error("another time leaves the digest of a large folder as it was")
	}
	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	if digest(moved, maxContent) != content {
		t.Error("a folder that has moved isn't the same")
	}
	write(t, filepath.Join(moved, paths[1]), []byte("b/C.png"))
	if digest(moved, maxContent) == content {
		t.Error("another content of the same size is taken for the same")
	}
}
