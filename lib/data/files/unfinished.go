//go:build unix

package files

import (
	"os"
	"path/filepath"
	"regexp"
	"syscall"
)

// Claim marks a file that is being written as this process's, until it is closed or the process ends, however it ends.
func Claim(f *os.File) { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) } // without, [Sweep] may take it for left

// Sweep removes from a folder the files of such names that killed processes left half written; those that a living one has claimed, or
// has not yet written to, stay.
func Sweep(dir string, names *regexp.Regexp) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !names.MatchString(e.Name()) || !info.Mode().IsRegular() || info.Size() == 0 {
			continue
		}
		path := filepath.Join(dir, e.Name())
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.Remove(path) // the next one tries again
		}
		_ = f.Close() // only read
	}
}
