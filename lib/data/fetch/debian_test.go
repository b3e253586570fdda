package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// apt puts an apt-get and a dpkg-deb into the PATH whose package holds one file.
func apt(t *testing.T) Set {
	t.Helper()
	dir := t.TempDir()
	sum := func(text string) string {
		s := sha256.Sum256([]byte(text))
		return hex.EncodeToString(s[:])
	}
	for name, script := range map[string]string{
		"apt-get":  `[ "$1 $2" = "download made" ] || exit 3; printf package > made_1.0.deb`,
		"dpkg-deb": `[ "$(cat "$2")" = package ] || exit 3; mkdir -p "$3/usr/share"; printf numbers > "$3/usr/share/data.txt"`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), fmt.Appendf(nil, "#!/bin/sh\n%s\n", script), 0o755); err != nil { //nolint:gosec // it must run
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv(FolderEnv, filepath.Join(dir, "data"))
	return Set{
		Name: "made", Package: "made", Version: "1.0", SHA256: sum("package"), Size: 2e6, Debian: true,
		Files: []File{{"usr/share/data.txt", "data.txt", sum("numbers")}},
	}
}

func TestFetchDebian(t *testing.T) {
	s := apt(t)
	folder, err := s.Fetch(t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(folder, "data.txt")); err != nil || string(text) != "numbers" {
		t.Errorf("%q, %v", text, err)
	}
	other := s
	other.Name, other.SHA256 = "other", "abc"
	if _, err := other.Fetch(t.Context(), func(string) {}); err == nil || !strings.Contains(err.Error(), "it must be abc, of version 1.0") ||
		!strings.Contains(err.Error(), "by hand and put into "+filepath.Dir(folder)) {
		t.Errorf("another package: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	other.Name, other.SHA256 = "absent", s.SHA256
	if _, err := other.Fetch(t.Context(), func(string) {}); err == nil || !strings.Contains(err.Error(), "usr/share/data.txt as data.txt (SHA-256 ") {
		t.Errorf("without apt-get: %v", err)
	}
}

func TestFetchDebianArchives(t *testing.T) {
	dir := t.TempDir()
	sum := func(text string) string {
		s := sha256.Sum256([]byte(text))
		return hex.EncodeToString(s[:])
	}
	for name, script := range map[string]string{
		"apt-get":  `[ "$1" = download ] || exit 3; printf "$2" > "$2_1.0.deb"`,
		"dpkg-deb": `[ "$1" = --fsys-tarfile ] || exit 3; printf "tar of "; cat "$2"`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), fmt.Appendf(nil, "#!/bin/sh\n%s\n", script), 0o755); err != nil { //nolint:gosec // it must run
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv(FolderEnv, filepath.Join(dir, "data"))
	s := Set{Name: "two", Size: 2e6, Debian: true, Archives: []Archive{{"one", "1.0", sum("tar of one"), "one.tar"}, {"other", "1.0", sum("tar of other"), "other.tar"}}}
	folder, err := s.Fetch(t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(folder, "other.tar")); err != nil || string(text) != "tar of other" {
		t.Errorf("%q, %v", text, err)
	}
	s.Name, s.Archives[1].SHA256 = "newer", "abc"
	if _, err := s.Fetch(t.Context(), func(string) {}); err == nil || !strings.Contains(err.Error(), "it must be abc, of version 1.0; by hand, write the tar of Debian's other 1.0") {
		t.Errorf("another version: %v", err)
	}
}
