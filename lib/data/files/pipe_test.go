//go:build unix

package files

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe in a file's place is told at once; who opens one waits for ever.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.png")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	if _, _, err := Open(path); err == nil || !strings.Contains(err.Error(), "is a pipe") {
		t.Errorf("error %v", err)
	}
}
